# cmake -DPREFIX=... "-DTARGETS=a;b" "-DARCHIVES=a;b" -DMACHINE=... -DREADELF=... -P cmake/BuildThirdParty.cmake
#
# Builds third_party/ as configured by ThirdParty.cmake. Two build directories
# that need it at once take turns.
#
# When cross-compiling MACHINE is the target's CMAKE_SYSTEM_PROCESSOR and every
# archive must be for it: a compiler that lost its target option builds for this
# machine, and says nothing.
file(LOCK "${PREFIX}/lock" TIMEOUT 3600)
execute_process(
  COMMAND "${CMAKE_COMMAND}" --build "${PREFIX}/build" --target ${TARGETS}
  RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "third_party: build failed")
endif()

if(NOT MACHINE)
  return()
endif()
include("${CMAKE_CURRENT_LIST_DIR}/ElfMachine.cmake")
elf_machine("${MACHINE}" wanted)
foreach(archive IN LISTS ARCHIVES)
  execute_process(
    COMMAND "${READELF}" -h "${archive}"
    OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "Machine: +[^\n]*" machines "${headers}")
  list(REMOVE_DUPLICATES machines)
  if(NOT machines MATCHES "^Machine: +[^;]*${wanted}$")
    message(FATAL_ERROR "third_party: ${archive} is not for ${MACHINE}: ${machines}")
  endif()
endforeach()
