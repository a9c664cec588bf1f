# 64-bit ARM, ARMv8.0-A and newer: Raspberry Pi 3 to 5 with a 64-bit system, most gateways of today.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(PICKET_TRIPLET aarch64-linux-musl)
set(zig_target aarch64-linux-musl)
set(zig_cpu generic)
set(zig_emulator qemu-aarch64-static -cpu cortex-a53)
set(zig_lto ON)
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
