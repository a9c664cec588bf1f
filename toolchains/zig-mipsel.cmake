# MIPS32r2, little-endian, soft float: OpenWrt's mipsel_24kc (MediaTek MT7621, MT76x8).
set(CMAKE_SYSTEM_PROCESSOR mipsel)
set(PICKET_TRIPLET mipsel-linux-musl-soft)
set(zig_target mipsel-linux-musleabi)
set(zig_cpu mips32r2+soft_float)
set(zig_emulator qemu-mipsel-static -cpu 24Kc)
set(zig_lto OFF)
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
