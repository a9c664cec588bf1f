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
if(MACHINE MATCHES "^(x86_64|amd64)$")
  set(wanted "X86-64")
elseif(MACHINE MATCHES "^(aarch64|arm64)$")
  set(wanted "AArch64")
elseif(MACHINE MATCHES "^arm")
  set(wanted "ARM")
elseif(MACHINE MATCHES "^mips")
  set(wanted "MIPS")
elseif(MACHINE MATCHES "^riscv")
  set(wanted "RISC-V")
else()
  message(FATAL_ERROR "third_party: cmake/BuildThirdParty.cmake knows no ELF machine for \"${MACHINE}\"")
endif()
foreach(archive IN LISTS ARCHIVES)
  execute_process(
    COMMAND "${READELF}" -h "${archive}"
    OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "Machine: +[^\n]*" machines "${headers}")
  list(REMOVE_DUPLICATES machines)
  if(NOT machines MATCHES "^Machine: +([A-Za-z]+ )*${wanted}[^;]*$")
    message(FATAL_ERROR "third_party: ${archive} is not for ${MACHINE}: ${machines}")
  endif()
endforeach()
