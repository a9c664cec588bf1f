#include "agent/probe/own_network.h"

#include <gtest/gtest.h>

#include <string>

namespace picket {
namespace {

TEST(NetworkAddress, ReadsAndWritesNumbers) {
  for (const char* text : {"192.0.2.1", "2001:db8::1", "::1"})
    EXPECT_EQ(NetworkAddress(text, 80).ToText(), text);
  for (const char* text : {"", "example.org", "192.0.2", "192.0.2.256", "[::1]"}) {
    EXPECT_FALSE(NetworkAddress(text, 80).ToText()) << text;
  }
}

TEST(NetworkAddress, NoneHasNoText) {
  EXPECT_FALSE(NetworkAddress().ToText());
}

TEST(NetworkAddress, TooLongIsNone) {
  sockaddr_storage storage[2] = {};
  storage[0].ss_family = AF_INET;
  EXPECT_FALSE(NetworkAddress(reinterpret_cast<const sockaddr*>(storage), sizeof storage).ToText());
}

TEST(IsNumericHost, KnowsAddressesFromNames) {
  EXPECT_TRUE(IsNumericHost("192.0.2.1"));
  EXPECT_TRUE(IsNumericHost("fe80::1%eth0"));
  EXPECT_FALSE(IsNumericHost("example.org"));
  EXPECT_FALSE(IsNumericHost("localhost"));
  EXPECT_FALSE(IsNumericHost(""));
}

TEST(SocketShortage, IsNoneHere) {
  EXPECT_EQ(SocketShortage(), 0);
}

}  // namespace
}  // namespace picket
