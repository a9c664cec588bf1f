# cmake -DUPSTREAM=mbedtls_config.h -DPICKET=picket_mbedtls_config.h -DOUTPUT=FILE -P ...
#
# Installs the configuration the library was built with as its mbedtls_config.h.
# A user that forgot MBEDTLS_USER_CONFIG_FILE would compile other structures
# than the library's (threading adds a mutex to many) and corrupt memory.
file(READ "${UPSTREAM}" upstream)
file(READ "${PICKET}" picket)
file(WRITE "${OUTPUT}" "${upstream}\n${picket}")
