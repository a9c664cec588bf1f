# cmake -DOUTPUT=... "-DFILES=a.sql;b.sql" -P embed.cmake: writes EmbeddedMigrations().
set(entries "")
list(SORT FILES)
foreach(path IN LISTS FILES)
  file(READ "${path}" text)
  get_filename_component(name "${path}" NAME)
  string(APPEND entries "    {\"${name}\", R\"SQL(${text})SQL\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"consumer/migrations/migrate.h\"

namespace picket {
namespace {

constexpr MigrationFile kFiles[] = {
${entries}};

}  // namespace

std::span<const MigrationFile> EmbeddedMigrations() { return kFiles; }

}  // namespace picket
")
