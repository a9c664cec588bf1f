# Debian's arm64 by g++-aarch64-linux-gnu.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(debian_triplet aarch64-linux-gnu)
set(debian_emulator qemu-aarch64-static -cpu cortex-a53)
include("${CMAKE_CURRENT_LIST_DIR}/debian.cmake")
