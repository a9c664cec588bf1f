# MIPS32r2, big-endian, soft float: OpenWrt's mips_24kc (Atheros AR71xx, QCA9xxx).
set(CMAKE_SYSTEM_PROCESSOR mips)
set(PICKET_TRIPLET mips-linux-musl-soft)
set(zig_target mips-linux-musleabi)
set(zig_cpu mips32r2+soft_float)
set(zig_emulator qemu-mips-static -cpu 24Kc)
set(zig_lto OFF)
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
