# Common to the zig-*.cmake files, each of which sets
#   CMAKE_SYSTEM_PROCESSOR  as uname -m has it on the target
#   PICKET_TRIPLET          the folder of the libraries in build/third_party
#   zig_target, zig_cpu     zig's words for it
#   zig_lto                 ON on 64 bits. On 32 bits the linker cannot make thread-local variables of bitcode local to
#                           a static program, and zig's C library has no __tls_get_addr for those that are not
#   zig_emulator            qemu-user's command with the least processor the binaries run on; empty: run as they are
set(CMAKE_SYSTEM_NAME Linux)

# The target is part of the compiler's command. In CMAKE_<LANG>_FLAGS_INIT a -DCMAKE_C_FLAGS=... would replace it,
# and zig would build for this machine without a word. So are the words that zig compiles its C library and libc++
# anew for: with one set of them that is done once.
set(zig "${CMAKE_CURRENT_LIST_DIR}/zig")
set(zig_arguments --target=${zig_target} -mcpu=${zig_cpu} -Os -fPIE -pie -static
  -fno-unwind-tables -fno-asynchronous-unwind-tables
  -fno-sanitize=undefined) # zig's default without optimisation; sanitizers are the native presets' job
if(zig_lto) # only the linker sees which functions of nine libraries nobody calls
  list(APPEND zig_arguments -flto)
endif()
set(PICKET_BITCODE ${zig_lto}) # what the archives hold then
set(PICKET_STATIC ON)
set(CMAKE_C_COMPILER "${zig}" cc ${zig_arguments})
set(CMAKE_CXX_COMPILER "${zig}" c++ ${zig_arguments})
set(CMAKE_AR "${zig}-ar" CACHE FILEPATH "Archiver")
set(CMAKE_RANLIB "${zig}-ranlib" CACHE FILEPATH "Archive index")
foreach(language C CXX)
  set(CMAKE_${language}_COMPILER_AR "${CMAKE_AR}" CACHE FILEPATH "Archiver")
  set(CMAKE_${language}_COMPILER_RANLIB "${CMAKE_RANLIB}" CACHE FILEPATH "Archive index")
endforeach()

# clang's -Os still unrolls and inlines where it hopes for speed; -Oz does not.
set(PICKET_SIZE_FLAG -Oz)
set(CMAKE_C_FLAGS_MINSIZEREL "-Oz -DNDEBUG" CACHE STRING "Flags of MinSizeRel")
set(CMAKE_CXX_FLAGS_MINSIZEREL "-Oz -DNDEBUG" CACHE STRING "Flags of MinSizeRel")

# Configure tests link hundreds of small programs: without LTO in a twentieth of the time.
set(CMAKE_TRY_COMPILE_CONFIGURATION Probe)
foreach(language C CXX)
  set(CMAKE_${language}_FLAGS_PROBE -fno-lto)
endforeach()

if(zig_emulator)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${zig_emulator})
endif()

# Nothing of this machine is searched but its programs. An empty root would mean "/".
set(CMAKE_FIND_ROOT_PATH "${CMAKE_PREFIX_PATH}" "${CMAKE_CURRENT_LIST_DIR}/nothing-here")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
