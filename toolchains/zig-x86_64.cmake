# Any 64-bit PC (x86-64 baseline).
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(PICKET_TRIPLET x86_64-linux-musl)
set(zig_target x86_64-linux-musl)
set(zig_cpu x86_64)
set(zig_emulator "")
set(zig_lto ON)
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
