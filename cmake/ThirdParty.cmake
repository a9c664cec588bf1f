# The libraries of third_party/ as imported targets:
#
#   both      picket::yaml  picket::jsmn
#   agent     picket::mbedtls  picket::cares  picket::curl  picket::pcre2
#             picket::sqlite  picket::rdkafka_agent
#   consumer  picket::rdkafka_consumer  picket::pq (the system's libpq)
#
# third_party/ is a build of its own under PICKET_DEPS_DIR/<triplet>. It is
# configured (and its sources are fetched) here and now, built before the first
# target that uses it, and shared by all build directories of this checkout.

set(PICKET_DEPS_DIR "${PROJECT_SOURCE_DIR}/build/third_party" CACHE PATH
  "Where third-party libraries are built and installed, in a folder for each target machine")

# The target machine: a toolchain file may name it, else the compiler does.
if(NOT PICKET_TRIPLET)
  separate_arguments(compiler_arguments UNIX_COMMAND "${CMAKE_C_COMPILER_ARG1}")
  execute_process(
    COMMAND "${CMAKE_C_COMPILER}" ${compiler_arguments} -dumpmachine
    OUTPUT_VARIABLE PICKET_TRIPLET OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
endif()
set(deps_flags ${picket_machine_flags} "-ffile-prefix-map=${PICKET_DEPS_DIR}=third_party")
set(deps_prefix "${PICKET_DEPS_DIR}/${PICKET_TRIPLET}")
if(PICKET_SANITIZE MATCHES "thread")
  # ThreadSanitizer must see the locks of the libraries' threads.
  list(APPEND deps_flags -fsanitize=thread -g1)
  string(APPEND deps_prefix "-tsan")
else()
  list(APPEND deps_flags ${picket_fortify})
endif()
string(JOIN " " deps_flags ${deps_flags})

# One generator on a machine, whatever this build directory uses.
find_program(PICKET_NINJA NAMES ninja ninja-build)
mark_as_advanced(PICKET_NINJA)
set(deps_generator "Unix Makefiles")
if(PICKET_NINJA)
  set(deps_generator "Ninja")
endif()

set(deps_toolchain "${CMAKE_TOOLCHAIN_FILE}")
if(deps_toolchain)
  cmake_path(ABSOLUTE_PATH deps_toolchain BASE_DIRECTORY "${CMAKE_SOURCE_DIR}")
endif()
set(deps_configure
  "${CMAKE_COMMAND}" -S "${PROJECT_SOURCE_DIR}/third_party" -B "${deps_prefix}/build"
  -G "${deps_generator}"
  "-DPICKET_DEPS_PREFIX=${deps_prefix}"
  "-DPICKET_DEPS_C_FLAGS=${deps_flags}"
  "-DPICKET_KAFKA_TLS_DIR=${PROJECT_SOURCE_DIR}/port/kafka_tls"
  "-DCMAKE_TOOLCHAIN_FILE=${deps_toolchain}")
if(NOT deps_toolchain)
  list(APPEND deps_configure
    "-DCMAKE_C_COMPILER=${CMAKE_C_COMPILER}" "-DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}")
endif()
if(PICKET_SIZE_FLAG)
  list(APPEND deps_configure "-DPICKET_DEPS_SIZE_FLAG=${PICKET_SIZE_FLAG}")
endif()
if(CMAKE_C_COMPILER_LAUNCHER) # ccache, say, serves the libraries as well
  list(APPEND deps_configure "-DPICKET_DEPS_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER}")
endif()

file(MAKE_DIRECTORY "${deps_prefix}")
file(LOCK "${deps_prefix}/lock" TIMEOUT 3600)
execute_process(COMMAND ${deps_configure} RESULT_VARIABLE deps_failed OUTPUT_VARIABLE deps_output)
file(LOCK "${deps_prefix}/lock" RELEASE)
if(deps_failed)
  message(FATAL_ERROR "third_party: not configured\n${deps_output}")
endif()

set(deps_targets "")
set(deps_archives "")
if(PICKET_BUILD_AGENT)
  list(APPEND deps_targets agent_dependencies)
endif()
if(PICKET_BUILD_CONSUMER)
  list(APPEND deps_targets consumer_dependencies)
endif()

# picket_import(NAME HEADERS [ARCHIVES path...] [DEFINITIONS d...] [LINK library...])
#
# Defines picket::NAME. HEADERS is the folder of its headers and ARCHIVES are
# its files below the prefix, in link order. Each archive is a target of its own
# that links the next: only so does CMake keep that order when a program names
# several libraries that share one.
function(picket_import name headers)
  cmake_parse_arguments(arg "" "" "ARCHIVES;DEFINITIONS;LINK" ${ARGN})
  file(MAKE_DIRECTORY "${deps_prefix}/${headers}") # CMake wants it at configure time
  add_library(picket_${name} INTERFACE)
  add_library(picket::${name} ALIAS picket_${name})
  target_include_directories(picket_${name} SYSTEM INTERFACE "${deps_prefix}/${headers}")
  target_compile_definitions(picket_${name} INTERFACE ${arg_DEFINITIONS})
  add_dependencies(picket_${name} third_party)

  set(next ${arg_LINK})
  list(REVERSE arg_ARCHIVES)
  foreach(archive IN LISTS arg_ARCHIVES)
    cmake_path(GET archive STEM stem)
    set(target "picket_${name}_${stem}")
    add_library(${target} STATIC IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${deps_prefix}/${archive}")
    target_link_libraries(${target} INTERFACE ${next})
    add_dependencies(${target} third_party)
    list(APPEND deps_archives "${deps_prefix}/${archive}")
    set(next ${target})
  endforeach()
  target_link_libraries(picket_${name} INTERFACE ${next})
  set(deps_archives ${deps_archives} PARENT_SCOPE)
endfunction()

find_package(Threads REQUIRED)
picket_import(yaml include ARCHIVES lib/libyaml.a DEFINITIONS YAML_DECLARE_STATIC)
picket_import(jsmn include)

if(PICKET_BUILD_AGENT)
  picket_import(mbedtls include
    ARCHIVES lib/libmbedtls.a lib/libmbedx509.a lib/libmbedcrypto.a lib/libeverest.a lib/libp256m.a
    LINK Threads::Threads)
  picket_import(cares include ARCHIVES lib/libcares.a DEFINITIONS CARES_STATICLIB)
  picket_import(curl include
    ARCHIVES lib/libcurl.a DEFINITIONS CURL_STATICLIB LINK picket::cares picket::mbedtls)
  picket_import(pcre2 include ARCHIVES lib/libpcre2-8.a DEFINITIONS PCRE2_STATIC)
  picket_import(sqlite include ARCHIVES lib/libsqlite3.a LINK m)
  picket_import(rdkafka_agent rdkafka-agent/include
    ARCHIVES rdkafka-agent/lib/librdkafka.a DEFINITIONS LIBRDKAFKA_STATICLIB
    LINK picket::mbedtls m ${CMAKE_DL_LIBS})
endif()

if(PICKET_BUILD_CONSUMER)
  find_package(OpenSSL REQUIRED)
  find_package(ZLIB REQUIRED)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(picket_codecs REQUIRED IMPORTED_TARGET libzstd liblz4)
  pkg_check_modules(picket_libpq REQUIRED IMPORTED_TARGET libpq)
  add_library(picket::pq ALIAS PkgConfig::picket_libpq)
  picket_import(rdkafka_consumer rdkafka-consumer/include
    ARCHIVES rdkafka-consumer/lib/librdkafka.a DEFINITIONS LIBRDKAFKA_STATICLIB
    LINK OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB PkgConfig::picket_codecs
         Threads::Threads m ${CMAKE_DL_LIBS})
endif()

# Archives of bitcode say nothing to readelf; there the linker refuses those of another machine.
set(deps_machine "")
if(CMAKE_CROSSCOMPILING AND NOT PICKET_BITCODE)
  set(deps_machine "${CMAKE_SYSTEM_PROCESSOR}")
  find_program(PICKET_READELF readelf REQUIRED) # GNU's: it knows every machine, and its words are looked for
  mark_as_advanced(PICKET_READELF)
endif()
# Always asked, as only the inner build knows what changed; nothing to do takes
# a fraction of a second.
add_custom_target(third_party
  COMMAND "${CMAKE_COMMAND}"
    "-DPREFIX=${deps_prefix}" "-DTARGETS=${deps_targets}" "-DARCHIVES=${deps_archives}"
    "-DMACHINE=${deps_machine}" "-DREADELF=${PICKET_READELF}"
    -P "${PROJECT_SOURCE_DIR}/cmake/BuildThirdParty.cmake"
  BYPRODUCTS ${deps_archives}
  COMMENT "Third-party libraries"
  USES_TERMINAL
  VERBATIM)
