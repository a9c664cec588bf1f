# 64-bit RISC-V, RV64GC.
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(PICKET_TRIPLET riscv64-linux-musl)
set(zig_target riscv64-linux-musl)
set(zig_cpu baseline_rv64)
set(zig_emulator qemu-riscv64-static)
set(zig_lto ON)
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")
