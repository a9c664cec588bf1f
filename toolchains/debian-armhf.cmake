# Debian's armhf (ARMv7-A, hard float) by g++-arm-linux-gnueabihf.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(debian_triplet arm-linux-gnueabihf)
set(debian_emulator qemu-arm-static -cpu cortex-a7)
include("${CMAKE_CURRENT_LIST_DIR}/debian.cmake")
