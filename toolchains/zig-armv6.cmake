# ARMv6 with VFPv2: Raspberry Pi 1 and Zero. What Raspberry Pi OS calls armhf.
set(CMAKE_SYSTEM_PROCESSOR armv6l)
set(PICKET_TRIPLET armv6-linux-musleabihf)
set(zig_target arm-linux-musleabihf)
set(zig_cpu arm1176jzf_s)
set(zig_emulator qemu-arm-static -cpu arm1176)
set(zig_lto OFF)
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
