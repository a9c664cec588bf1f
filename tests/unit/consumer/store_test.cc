// What of the store needs no database.
#include <gtest/gtest.h>

#include "consumer/migrations/migrate.h"
#include "consumer/store/connection.h"
#include "consumer/store/days.h"
#include "consumer/store/sqlstate.h"

namespace picket {
namespace {

TEST(Days, PartitionsAreNamedByUtcDay) {
  WallTime last;
  ASSERT_TRUE(ParseTimestamp("2026-11-21T23:59:59.999999Z", &last));
  EXPECT_EQ(PartitionName(DayOf(last)), "result_20261121");
  EXPECT_EQ(PartitionName(DayOf({last.us + 1})), "result_20261122");
  EXPECT_EQ(DayOf({-1}), -1);
  EXPECT_EQ(DayOf({0}), 0);
}

TEST(Days, NamesAreReadBackAndOthersAreNot) {
  EXPECT_EQ(DayOfPartition("result_19700102"), 1);
  for (const char* name :
       {"result", "result_2026112", "result_20261321", "result_202611211", "results_20261121"}) {
    EXPECT_FALSE(DayOfPartition(name)) << name;
  }
}

TEST(SqlState, TellsWhatWaitingCures) {
  for (const char* state :
       {"08006", "57P01", "57P03", "53100", "53300", "40001", "40P01", "55P03", "25006", "57014"}) {
    EXPECT_EQ(CodeOfSqlState(state), ErrorCode::kUnavailable) << state;
  }
  for (const char* state : {"22P05", "22021", "22P02", "22008", "23514", "54000"}) {
    EXPECT_EQ(CodeOfSqlState(state), ErrorCode::kCorrupt) << state;
  }
  EXPECT_EQ(CodeOfSqlState("42501"), ErrorCode::kPermission);
  EXPECT_EQ(CodeOfSqlState("28P01"), ErrorCode::kPermission);
  EXPECT_EQ(CodeOfSqlState("42703"), ErrorCode::kUnsupported);
  EXPECT_EQ(CodeOfSqlState("XX000"), ErrorCode::kInternal);
}

TEST(Literals, ArraysAndBytes) {
  EXPECT_EQ(ArrayLiteral(std::vector<int64_t>{}), "{}");
  EXPECT_EQ(ArrayLiteral(std::vector<int64_t>{1, -2}), "{1,-2}");
  EXPECT_EQ(ArrayLiteral(std::vector<Param>{"a", std::nullopt, "NULL", "", "x\"y\\z,{}"}),
            R"({"a",NULL,"NULL","","x\"y\\z,{}"})");
  EXPECT_EQ(ByteaLiteral(std::string_view("\0\x7f\xff", 3)), "\\x007fff");
}

TEST(Migrations, AreInDbmatesFormat) {
  const Expected<Migration> good =
      ParseMigration({"0007_more.sql", "-- migrate:up\nA;\n-- migrate:down\nB;\n"});
  ASSERT_TRUE(good);
  EXPECT_EQ(good->version, "0007");
  EXPECT_EQ(good->name, "more");
  EXPECT_EQ(good->up, "\nA;\n");
  EXPECT_EQ(good->down, "\nB;\n");
  EXPECT_FALSE(ParseMigration({"more.sql", "-- migrate:up\n-- migrate:down\n"}));
  EXPECT_FALSE(ParseMigration({"0001_a.sql", "A;\n-- migrate:down\n"}));
  EXPECT_FALSE(ParseMigration({"0001_a.sql", "-- migrate:up\nA;\n"}));
}

TEST(Migrations, OfTheProgramAllParseAndAscend) {
  ASSERT_FALSE(EmbeddedMigrations().empty());
  std::string last;
  for (const MigrationFile& file : EmbeddedMigrations()) {
    const Expected<Migration> migration = ParseMigration(file);
    ASSERT_TRUE(migration) << migration.error().message;
    EXPECT_LT(last, migration->version);
    last = migration->version;
  }
}

}  // namespace
}  // namespace picket
