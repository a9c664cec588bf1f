# Included by mbedTLS's project(): what a handshake and a record spend their time in is built for speed, the rest
# (protocol, certificates, key store) for size. All of it at -Os would cost half as much CPU time again.
function(picket_optimize_arithmetic)
  set(fast
    aes.c aesce.c aesni.c bignum.c bignum_core.c bignum_mod.c bignum_mod_raw.c chacha20.c chachapoly.c
    constant_time.c ecp.c ecp_curves.c ecp_curves_new.c gcm.c poly1305.c sha1.c sha256.c sha512.c)
  set_source_files_properties(${fast} TARGET_DIRECTORY mbedcrypto PROPERTIES COMPILE_OPTIONS -O2)
  foreach(target IN ITEMS everest p256m)
    target_compile_options(${target} PRIVATE -O2)
  endforeach()
endfunction()
cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL picket_optimize_arithmetic)
