# One message that names everything this machine lacks, before anything is fetched.

set(missing_things "")
set(missing_packages "")

# need_program(NAME PACKAGE) and need_header(HEADER PACKAGE)
function(note_missing thing package)
  set(missing_things "${missing_things}\n  ${thing}" PARENT_SCOPE)
  set(missing_packages "${missing_packages} ${package}" PARENT_SCOPE)
endfunction()
macro(need_program name package)
  string(MAKE_C_IDENTIFIER "PICKET_HAS_${name}" found)
  find_program(${found} ${name})
  mark_as_advanced(${found})
  if(NOT ${found})
    note_missing("${name}" ${package})
  endif()
endmacro()
macro(need_header header package)
  string(MAKE_C_IDENTIFIER "PICKET_HAS_${header}" found)
  find_path(${found} ${header} PATH_SUFFIXES postgresql)
  mark_as_advanced(${found})
  if(NOT ${found})
    note_missing("${header}" ${package})
  endif()
endmacro()

if(PICKET_BUILD_AGENT)
  need_program(tclsh tcl)  # SQLite's amalgamation is generated
  need_program(make make)
endif()
if(PICKET_BUILD_CONSUMER)
  need_program(pkg-config pkg-config)
  need_header(libpq-fe.h libpq-dev)
  need_header(openssl/ssl.h libssl-dev)
  need_header(zlib.h zlib1g-dev)
  need_header(zstd.h libzstd-dev)
  need_header(lz4.h liblz4-dev)
endif()
if(BUILD_TESTING AND CMAKE_CROSSCOMPILING)
  # Built for the target from Debian's copy of the sources; not a header of the target, so not searched as one.
  find_path(PICKET_GOOGLETEST_DIR googletest/CMakeLists.txt PATHS /usr/src/googletest
    NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH DOC "GoogleTest's sources, for cross-compiled tests")
  if(NOT PICKET_GOOGLETEST_DIR)
    note_missing("sources of GoogleTest (PICKET_GOOGLETEST_DIR)" googletest)
  endif()
elseif(BUILD_TESTING)
  need_header(gtest/gtest.h libgtest-dev)
  need_header(gmock/gmock.h libgmock-dev)
endif()

if(missing_things)
  message(FATAL_ERROR
    "This machine lacks:${missing_things}\n"
    "On Debian and Ubuntu:\n  apt-get install${missing_packages}\n"
    "Parts can be left out: -DPICKET_BUILD_AGENT=OFF, -DPICKET_BUILD_CONSUMER=OFF, -DBUILD_TESTING=OFF.")
endif()
