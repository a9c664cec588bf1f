# Common to the debian-*.cmake files: Debian's own cross gcc, with glibc, for a program that is linked as any other
# of that distribution. They set
#   CMAKE_SYSTEM_PROCESSOR  as uname -m has it on the target
#   debian_triplet          the compiler's prefix and the folder of the libraries
#   debian_emulator         qemu-user's command, without -L
set(CMAKE_SYSTEM_NAME Linux)
set(PICKET_TRIPLET ${debian_triplet})
set(CMAKE_C_COMPILER ${debian_triplet}-gcc)
set(CMAKE_CXX_COMPILER ${debian_triplet}-g++)
set(CMAKE_LIBRARY_ARCHITECTURE ${debian_triplet})
set(CMAKE_CROSSCOMPILING_EMULATOR ${debian_emulator} -L /usr/${debian_triplet})

set(CMAKE_FIND_ROOT_PATH "${CMAKE_PREFIX_PATH}" /usr/${debian_triplet})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
