#include "agent/probe/url.h"

#include <gtest/gtest.h>

#include <string>

namespace picket {
namespace {

TEST(ValidateUrl, TakesWebAddresses) {
  for (const char* url : {"http://example.org", "https://example.org/", "https://example.org:8443/a?b=c#d",
                          "http://192.0.2.1/", "http://[2001:db8::1]:8080/x", "HTTPS://EXAMPLE.ORG/",
                          "http://localhost", "http://xn--bcher-kva.example/", "http://a_b.example/"}) {
    EXPECT_TRUE(ValidateUrl(url)) << url;
  }
}

TEST(ValidateUrl, RefusesWhatIsNone) {
  for (const std::string url :
       {"", "example.org", "//example.org/", "http://", "http:///path", "http://a b/",
        "http://example.org:99999/", "http://example.org:x/", "http://[::1/", "http://ex\nample.org/",
        "http://example.org/\x01", "http://example.org/a b"}) {
    const Status valid = ValidateUrl(url);
    ASSERT_FALSE(valid) << url;
    EXPECT_EQ(valid.error().code, ErrorCode::kInvalidArgument);
    EXPECT_FALSE(valid.error().message.empty());
  }
  EXPECT_FALSE(ValidateUrl(std::string("http://example.org/\0x", 21)));
}

TEST(ValidateUrl, RefusesOtherSchemesByName) {
  for (const char* url : {"ftp://example.org/", "file:///etc/passwd", "gopher://example.org/"}) {
    const Status valid = ValidateUrl(url);
    ASSERT_FALSE(valid) << url;
    EXPECT_NE(valid.error().message.find("http://"), std::string::npos) << valid.error().message;
  }
}

TEST(ValidateUrl, RefusesCredentials) {
  for (const char* url : {"http://user@example.org/", "http://user:secret@example.org/"}) {
    const Status valid = ValidateUrl(url);
    ASSERT_FALSE(valid) << url;
    EXPECT_EQ(valid.error().message.find("secret"), std::string::npos);
  }
}

TEST(ValidateUrl, AsksForTheAsciiFormOfAName) {
  const Status valid = ValidateUrl("http://bücher.example/");
  ASSERT_FALSE(valid);
  EXPECT_NE(valid.error().message.find("xn--"), std::string::npos);
}

TEST(ValidateUrl, HasAMaximumLength) {
  const std::string start = "http://example.org/";
  EXPECT_TRUE(ValidateUrl(start + std::string(kMaxUrlBytes - start.size(), 'a')));
  EXPECT_FALSE(ValidateUrl(start + std::string(kMaxUrlBytes - start.size() + 1, 'a')));
}

TEST(UrlHost, IsTheNameAlone) {
  EXPECT_EQ(UrlHost("https://Shop.Example:8443/x"), "shop.example");
  EXPECT_EQ(UrlHost("http://[2001:db8::1]:80/"), "2001:db8::1");
  EXPECT_FALSE(UrlHost("nothing"));
}

TEST(ResolveRedirect, FollowsRfc3986) {
  const std::string base = "http://example.org:8080/a/b?q=1";
  EXPECT_EQ(ResolveRedirect(base, "https://other.example/x"), "https://other.example/x");
  EXPECT_EQ(ResolveRedirect(base, "//other.example/x"), "http://other.example/x");
  EXPECT_EQ(ResolveRedirect(base, "/x"), "http://example.org:8080/x");
  EXPECT_EQ(ResolveRedirect(base, "c"), "http://example.org:8080/a/c");
  EXPECT_EQ(ResolveRedirect(base, "../c"), "http://example.org:8080/c");
  EXPECT_EQ(ResolveRedirect(base, "?q=2"), "http://example.org:8080/a/b?q=2");
}

TEST(ResolveRedirect, EncodesWhatServersLeaveRaw) {
  EXPECT_EQ(ResolveRedirect("http://example.org/", "/two words"), "http://example.org/two%20words");
}

TEST(ResolveRedirect, StaysOnTheWeb) {
  for (const char* location : {"file:///etc/passwd", "ftp://example.org/", "javascript:alert(1)"}) {
    EXPECT_FALSE(ResolveRedirect("http://example.org/", location)) << location;
  }
  const Expected<std::string> file = ResolveRedirect("http://example.org/", "ftp://example.org/");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("ftp"), std::string::npos);
}

TEST(ResolveRedirect, DropsCredentials) {
  EXPECT_EQ(ResolveRedirect("http://example.org/", "http://user:secret@other.example/"),
            "http://other.example/");
}

TEST(ResolveRedirect, HasAMaximumLength) {
  EXPECT_FALSE(ResolveRedirect("http://example.org/", "/" + std::string(kMaxUrlBytes, 'a')));
}

}  // namespace
}  // namespace picket
