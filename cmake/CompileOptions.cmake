# Language level, warnings, size, hardening and sanitizers of picket's own code.
# Sets picket_machine_flags: what third_party's libraries are compiled with, too.
include(CheckCCompilerFlag)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)

set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

add_compile_options(-Wall -Wextra -ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections -Wl,--as-needed $<$<CONFIG:MinSizeRel>:-s>)

set(picket_machine_flags "")

# Hardening: the flags of the OpenSSF's "Compiler Options Hardening Guide for C and C++", where the compiler knows
# them for the target. -fcf-protection and BTI are left out: they act only when every object has them, and no C
# library we link statically does.
foreach(flag IN ITEMS -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero)
  string(MAKE_C_IDENTIFIER "PICKET_HAS_${flag}" has)
  set(CMAKE_REQUIRED_FLAGS -Werror)
  check_c_compiler_flag(${flag} ${has})
  unset(CMAKE_REQUIRED_FLAGS)
  if(${has})
    list(APPEND picket_machine_flags ${flag})
  endif()
endforeach()
add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
if(PICKET_PIE)
  list(APPEND picket_machine_flags -fPIE)
  add_link_options(-pie)
endif()
# Fortified functions need optimisation and hide errors from sanitizers. Level 3 came with gcc 12 and glibc 2.35;
# musl has none of them, and the definition changes nothing there.
set(picket_fortify -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)

# 64-bit times on every machine: musl has no others, glibc asks for a word on 32 bits.
list(APPEND picket_machine_flags -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64)

# The agent's code knows no exceptions (what the standard library throws ends the program), so a build for size has
# no tables to unwind the stack by either: a tenth of it on 64 bits.
if(CMAKE_BUILD_TYPE STREQUAL "MinSizeRel")
  list(APPEND picket_machine_flags -fno-unwind-tables -fno-asynchronous-unwind-tables)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
endif()

# No path of the machine that built it (in __FILE__, in debug information) reaches a program.
list(APPEND picket_machine_flags "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.")

add_compile_options(${picket_machine_flags})
if(NOT PICKET_SANITIZE)
  foreach(flag IN LISTS picket_fortify)
    add_compile_options($<$<NOT:$<CONFIG:Debug>>:${flag}>)
  endforeach()
endif()

# Bounds and null checks of the standard library's containers: cheap, and they abort.
add_compile_definitions($<$<COMPILE_LANGUAGE:CXX>:_GLIBCXX_ASSERTIONS>)

if(PICKET_SANITIZE)
  add_compile_options(-fsanitize=${PICKET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PICKET_SANITIZE})
endif()
