# cmake -DPROGRAM=... -DREADELF=... -DMACHINE=... -DSTATIC=... -DSANITIZED=... -DBUILD_TYPE=... -DSOURCE_DIR=...
#       -P check_program.cmake
#
# Fails with all that is wrong with a program. STATIC: it must need no library of its machine.
include("${CMAKE_CURRENT_LIST_DIR}/../../cmake/ElfMachine.cmake")

execute_process(COMMAND "${READELF}" -hldW "${PROGRAM}" OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
set(wrong "")
# must(TEXT [NOT] REGULAR_EXPRESSION): TEXT is told unless the headers match.
macro(must text)
  if(NOT (${ARGN}))
    string(APPEND wrong "\n  ${text}")
  endif()
endmacro()

elf_machine("${MACHINE}" machine)
must("it is not for ${MACHINE}" headers MATCHES "Machine: +[^\n]*${machine}\n")
must("it is not position-independent: no address in it is random" headers MATCHES "Flags:[^\n]* PIE")
must("its symbols are bound lazily: the table of addresses stays writable"
  headers MATCHES "BIND_NOW" OR headers MATCHES "Flags:[^\n]*NOW")
must("it has no RELRO segment" headers MATCHES "GNU_RELRO")
must("it does not say that its stack is not executable" headers MATCHES "GNU_STACK")
must("memory of it is writable and executable" NOT headers MATCHES "0x[0-9a-f]+ +RWE")
if(STATIC)
  must("it asks for a loader or for libraries" NOT headers MATCHES "INTERP|\\(NEEDED\\)")
elseif(NOT SANITIZED)
  execute_process(COMMAND "${READELF}" --dyn-syms -W "${PROGRAM}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  must("no function of it guards its stack" symbols MATCHES "__stack_chk_fail")
  if(NOT BUILD_TYPE STREQUAL "Debug")
    must("no copy into a buffer of it is fortified" symbols MATCHES "__(mem|str|v?sn?printf|v?f?printf|read|recv)[a-z]*_chk")
  endif()
endif()
file(STRINGS "${PROGRAM}" found LIMIT_COUNT 1 REGEX "${SOURCE_DIR}/")
must("it says where it was built: ${found}" NOT found)

if(wrong)
  message(FATAL_ERROR "${PROGRAM}:${wrong}")
endif()
