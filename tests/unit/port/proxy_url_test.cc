#include "port/proxy_url.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

TEST(ProxyUrl, HasHostAndPort) {
  const auto url = ParseProxyUrl("http://proxy.example:3128/");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->host, "proxy.example");
  EXPECT_EQ(url->port, 3128);
  EXPECT_EQ(url->user, "");
  EXPECT_EQ(url->Endpoint(), "proxy.example:3128");
}

TEST(ProxyUrl, MayHaveALoginInPercentEncoding) {
  const auto url = ParseProxyUrl("http://gate:k%3Ae%2fy%401@[2001:db8::1]:8080");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->user, "gate");
  EXPECT_EQ(url->password, "k:e/y@1");
  EXPECT_EQ(url->host, "2001:db8::1");
  EXPECT_EQ(url->Endpoint(), "[2001:db8::1]:8080");
}

TEST(ProxyUrl, AnythingElseIsRefusedWithoutShowingIt) {
  for (const char* text :
       {"", "proxy:3128", "https://secret@proxy:3128", "socks5://secret:1", "http://secret", "http://secret:0",
        "http://secret:65536", "http://secret:12x", "http://:1", "http://u:secret%4@h:1", "http://u:%00secret@h:1",
        "http://:secret@h:1", "http://secret host:1", "http://[::1:1", "http://::1:1", "http://h:1/secret"}) {
    const auto url = ParseProxyUrl(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kConfig);
    EXPECT_EQ(url.error().message.find("secret"), std::string::npos) << url.error().message;
  }
}

}  // namespace
}  // namespace picket
