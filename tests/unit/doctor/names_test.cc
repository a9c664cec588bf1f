#include "doctor/names.h"

#include <gtest/gtest.h>
#include <netdb.h>

namespace picket {
namespace {

using std::chrono::milliseconds;

TEST(NameServers, AreThoseOfResolvConf) {
  EXPECT_EQ(
      NameServers(
          "# comment\nsearch lan\nnameserver 10.0.0.1\nnameserver\t2001:db8::1 # second\nnameserverx 1\n"),
      (std::vector<std::string>{"10.0.0.1", "2001:db8::1"}));
  EXPECT_TRUE(NameServers("").empty());
  EXPECT_TRUE(NameServers("nameserver").empty());
}

std::string Found(int gai_error, milliseconds took, const std::vector<std::string>& servers) {
  return DescribeNameFailure({.host = "kafka", .addresses = {}, .took = took, .gai_error = gai_error},
                             servers)
      .found;
}

TEST(DescribeNameFailure, TellsNoSuchNameFromASilentServer) {
  EXPECT_NE(Found(EAI_NONAME, milliseconds(3), {"10.0.0.1"}).find("NXDOMAIN"), std::string::npos);
  EXPECT_EQ(Found(0, milliseconds(5000), {"10.0.0.1"}),
            "no answer from the name server 10.0.0.1 within 5.0 s");
  EXPECT_EQ(Found(EAI_AGAIN, milliseconds(4000), {"10.0.0.1"}),
            "no answer from the name server 10.0.0.1 within 4.0 s");
  EXPECT_EQ(Found(EAI_AGAIN, milliseconds(10), {"10.0.0.1"}),
            "the name server 10.0.0.1 failed or cannot be reached (0.0 s)");
}

TEST(DescribeNameFailure, NamesAMissingServer) {
  EXPECT_NE(Found(EAI_AGAIN, milliseconds(10), {}).find("/etc/resolv.conf names none"), std::string::npos);
}

TEST(SplitHostPort, KnowsBrackets) {
  const auto v6 = SplitHostPort("[::1]:9094");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, "9094");
  EXPECT_EQ(SplitHostPort("kafka:9094")->host, "kafka");
  for (const char* wrong : {"kafka", "kafka:", ":9094", "kafka:http", "kafka:123456"})
    EXPECT_FALSE(SplitHostPort(wrong));
}

}  // namespace
}  // namespace picket
