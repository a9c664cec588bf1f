#include "agent/probe/trust_watch.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "port/files.h"

namespace picket {
namespace {

// Two self-signed authorities (P-256, valid to 2056), made for this test with `openssl req -x509`.
constexpr const char* kOne = R"(-----BEGIN CERTIFICATE-----
MIIBfTCCASOgAwIBAgIUYGgTOoyFF8d6q4w49hTJ/419CvYwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIdGVzdCBvbmUwIBcNMjYxMTIxMTMwMzA2WhgPMjA1NjExMTMx
MzAzMDZaMBMxETAPBgNVBAMMCHRlc3Qgb25lMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEBqUd7PqC7DTkkyPIXLRkGeSF6Wbk/CHnNlRmgUxhX6L7BkmHO7YKeQf4
hesATsgtXbLOmfn2S+1a/cigguuN4aNTMFEwHQYDVR0OBBYEFAiSLFQDweWA4F2w
VeBKSt3OOykbMB8GA1UdIwQYMBaAFAiSLFQDweWA4F2wVeBKSt3OOykbMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAOUesCHrNBqPAnhYWkf0l5ci
x80fAjOxt5GZfyVP/dBIAiBcu/uMQfjWUD1x5DHi8ogQELny7slPl5Wl6xPA0pX2
6Q==
-----END CERTIFICATE-----
)";
constexpr const char* kTwo = R"(-----BEGIN CERTIFICATE-----
MIIBfjCCASOgAwIBAgIUNVMF14fd77tHjrb9BYTt5W1y/2MwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIdGVzdCB0d28wIBcNMjYxMTIxMTMwMzA2WhgPMjA1NjExMTMx
MzAzMDZaMBMxETAPBgNVBAMMCHRlc3QgdHdvMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEmEXqSu4iVHfKPMkzcTIdlXQ5DwqVdSnE7PVVruml6S4ip8q+wmRQ4NTB
fDncqbV/TrDT3COyLyXU34u5lPGfzKNTMFEwHQYDVR0OBBYEFDFBJlO8YbUJrbeJ
gIOiaa3T3nP+MB8GA1UdIwQYMBaAFDFBJlO8YbUJrbeJgIOiaa3T3nP+MA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAL2FibBSjVs3cKbILDObdSib
vE5120IEjh9jTRawbNg1AiEAqnu9n14zPOMOssE2vIbOXN69g7B1ckUUboPkSbjT
YVI=
-----END CERTIFICATE-----
)";

class Lines : public Logger {
 public:
  bool Enabled(LogLevel) const override { return true; }
  void Write(LogLevel level, const char*, std::string_view text) override {
    if (level <= LogLevel::kWarning) warnings.emplace_back(text);
  }
  std::vector<std::string> warnings;
};

class TrustWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = testing::TempDir() + "watch_XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    Write("ca.pem", kOne);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomically(folder_ / name, text));
  }

  std::filesystem::path folder_;
  Lines lines_;
};

TEST_F(TrustWatchTest, AnUntouchedFileIsNotReadAgain) {
  TrustWatch watch(**TrustStore::Load(folder_ / "ca.pem"), lines_);
  watch.Look();
  EXPECT_EQ(watch.TakeFresh(), nullptr);
}

TEST_F(TrustWatchTest, AChangedFileIsReadOnce) {
  TrustWatch watch(**TrustStore::Load(folder_ / "ca.pem"), lines_);
  Write("ca.pem", std::string(kOne) + kTwo);
  watch.Look();
  const auto fresh = watch.TakeFresh();
  ASSERT_NE(fresh, nullptr);
  EXPECT_EQ(fresh->Size(), 2u);
  watch.Look();
  EXPECT_EQ(watch.TakeFresh(), nullptr);
}

TEST_F(TrustWatchTest, ABrokenFileIsToldOnceAndKeepsWhatWas) {
  TrustWatch watch(**TrustStore::Load(folder_ / "ca.pem"), lines_);
  Write("ca.pem", "half a file");
  watch.Look();
  watch.Look();
  EXPECT_EQ(watch.TakeFresh(), nullptr);
  ASSERT_EQ(lines_.warnings.size(), 1u);
  EXPECT_NE(lines_.warnings[0].find("defaults.ca_file"), std::string::npos) << lines_.warnings[0];
  Write("ca.pem", kTwo);
  watch.Look();
  EXPECT_NE(watch.TakeFresh(), nullptr);
}

TEST_F(TrustWatchTest, AFolderIsReadWithEachOfItsFilesOnce) {
  std::filesystem::create_symlink("ca.pem", folder_ / "0a1b2c3d.0");  // as c_rehash makes them
  std::filesystem::create_symlink("nowhere", folder_ / "dangling.0");
  Write("README", "no certificate");
  const auto store = TrustStore::Load(folder_);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->Size(), 1u);
  EXPECT_EQ((*store)->Skipped(), 1u);
  TrustWatch watch(**store, lines_);
  Write("two.pem", kTwo);
  watch.Look();
  const auto fresh = watch.TakeFresh();
  ASSERT_NE(fresh, nullptr);
  EXPECT_EQ(fresh->Size(), 2u);
}

TEST_F(TrustWatchTest, ABadCertificateAmongGoodOnesIsLeftOut) {
  Write("ca.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + std::string(kOne));
  const auto store = TrustStore::Load(folder_ / "ca.pem");
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->Size(), 1u);
  EXPECT_EQ((*store)->Skipped(), 1u);
}

TEST_F(TrustWatchTest, WhatTheCallerHasReadItselfIsFollowed) {
  TrustWatch watch(**TrustStore::Load(folder_ / "ca.pem"), lines_);
  Write("other.pem", kTwo);
  watch.Follow(**TrustStore::Load(folder_ / "other.pem"));
  Write("ca.pem", std::string(kOne) + kTwo);
  watch.Look();
  EXPECT_EQ(watch.TakeFresh(), nullptr);
  Write("other.pem", kOne);
  watch.Look();
  EXPECT_NE(watch.TakeFresh(), nullptr);
}

}  // namespace
}  // namespace picket
