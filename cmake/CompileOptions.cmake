# Language level, warnings, hardening and sanitizers of picket's own code.
# Sets picket_machine_flags: what third_party's libraries are compiled with, too.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)

set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

add_compile_options(-Wall -Wextra -ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections -Wl,--as-needed)

# Hardening. Fortified functions need optimisation and hide errors from sanitizers.
set(picket_machine_flags -fstack-protector-strong)
add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
if(PICKET_PIE)
  list(APPEND picket_machine_flags -fPIE)
  add_link_options(-pie)
endif()
add_compile_options(${picket_machine_flags})
if(NOT PICKET_SANITIZE)
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
                      $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
endif()

# Bounds and null checks of the standard library's containers: cheap, and they abort.
add_compile_definitions($<$<COMPILE_LANGUAGE:CXX>:_GLIBCXX_ASSERTIONS>)

if(PICKET_SANITIZE)
  add_compile_options(-fsanitize=${PICKET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PICKET_SANITIZE})
endif()
