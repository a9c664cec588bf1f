# 32-bit ARMv7-A with hardware floating point (VFPv3-D16, no NEON: what Debian calls armhf). Thumb-2: a quarter smaller.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(PICKET_TRIPLET armv7-linux-musleabihf)
set(zig_target thumb-linux-musleabihf)
set(zig_cpu generic+v7a+vfp3d16-neon-vfp3-vfp3sp-d32)
set(zig_emulator qemu-arm-static -cpu cortex-a7,neon=off)
set(zig_lto OFF)
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
