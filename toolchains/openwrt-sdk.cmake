# The compiler of an OpenWrt SDK (or of a build of OpenWrt) of your own, for a binary linked as that firmware's:
#
#   export STAGING_DIR=/path/to/openwrt-sdk-.../staging_dir
#   cmake --preset openwrt-sdk && cmake --build --preset openwrt-sdk --target picket
#
# STAGING_DIR is OpenWrt's own name; its compiler wants it in the environment of the build, too. The static binary
# that ./run cross makes runs on the same routers and needs none of this.
set(CMAKE_SYSTEM_NAME Linux)
if(NOT IS_DIRECTORY "$ENV{STAGING_DIR}")
  message(FATAL_ERROR "STAGING_DIR does not name a folder: set it to staging_dir of your OpenWrt SDK")
endif()
file(GLOB openwrt_compilers "$ENV{STAGING_DIR}/toolchain-*/bin/*-openwrt-linux*-gcc")
list(FILTER openwrt_compilers EXCLUDE REGEX "/[^/]*-openwrt-linux-gcc$") # the short alias of the long name
list(LENGTH openwrt_compilers openwrt_count)
if(NOT openwrt_count EQUAL 1)
  message(FATAL_ERROR "one compiler was expected in $ENV{STAGING_DIR}/toolchain-*/bin, found: ${openwrt_compilers}")
endif()

string(REGEX REPLACE "gcc$" "g++" openwrt_cxx "${openwrt_compilers}")
set(CMAKE_C_COMPILER "${openwrt_compilers}")
set(CMAKE_CXX_COMPILER "${openwrt_cxx}")
cmake_path(GET openwrt_compilers FILENAME openwrt_name)
string(REGEX REPLACE "-gcc$" "" PICKET_TRIPLET "${openwrt_name}")
string(REGEX REPLACE "-.*" "" CMAKE_SYSTEM_PROCESSOR "${PICKET_TRIPLET}")

file(GLOB openwrt_targets "$ENV{STAGING_DIR}/target-*")
set(CMAKE_FIND_ROOT_PATH "${CMAKE_PREFIX_PATH}" ${openwrt_targets})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
