// Linked into a static program only. libc++abi prints the type of an exception that nobody caught, and brings 70 kB of
// name demangler for that; picket throws none. With this definition the one in the library is never taken: the raw
// name is printed instead.
#include <cstddef>

extern "C" char* __cxa_demangle(const char* mangled_name, char* buffer, size_t* length, int* status);

extern "C" char* __cxa_demangle(const char* /*mangled_name*/, char* /*buffer*/, size_t* /*length*/, int* status) {
  constexpr int kInvalidName = -2;
  if (status != nullptr) *status = kInvalidName;
  return nullptr;
}
