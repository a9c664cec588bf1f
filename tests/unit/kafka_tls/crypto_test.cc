// Against published vectors: what these functions get wrong shows as "wrong password" at best.
#include "port/kafka_tls/crypto.h"

#include <gtest/gtest.h>
#include <psa/crypto.h>

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace picket {
namespace {

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string Encode(std::string_view bytes) {
  std::vector<unsigned char> out((bytes.size() + 2) / 3 * 4 + 1, 0xee);
  const int size = EVP_EncodeBlock(out.data(), Bytes(bytes), static_cast<int>(bytes.size()));
  EXPECT_EQ(out[static_cast<size_t>(size)], 0);
  return {reinterpret_cast<char*>(out.data()), static_cast<size_t>(size)};
}

// As librdkafka calls it: the padding's share cut off by the caller. "invalid" for -1.
std::string Decode(std::string_view text) {
  std::vector<unsigned char> out(text.size() / 4 * 3 + 1, 0xee);
  const int size = EVP_DecodeBlock(out.data(), Bytes(text), static_cast<int>(text.size()));
  EXPECT_EQ(out.back(), 0xee) << "wrote past the end";
  if (size < 0) return "invalid";
  EXPECT_EQ(size, static_cast<int>(text.size() / 4 * 3));
  size_t padding = 0;
  while (padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  return {reinterpret_cast<char*>(out.data()), static_cast<size_t>(size) - padding};
}

std::string Mac(const EVP_MD* md, std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  if (HMAC(md, key.data(), static_cast<int>(key.size()), Bytes(data), data.size(), mac.data(), &size) ==
      nullptr) {
    return "failed";
  }
  return {reinterpret_cast<char*>(mac.data()), size};
}

std::string Hi(const EVP_MD* md, std::string_view password, std::string_view salt, int iterations) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  const size_t size = kafka_tls_scram_hi(md, password.data(), password.size(), salt.data(), salt.size(),
                                         iterations, out.data());
  return {reinterpret_cast<char*>(out.data()), size};
}

std::string Sha256(std::string_view data) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  EXPECT_EQ(SHA256(Bytes(data), data.size(), digest.data()), digest.data());
  return {reinterpret_cast<char*>(digest.data()), digest.size()};
}

TEST(Base64Test, EncodesTheVectorsOfRfc4648) {
  EXPECT_EQ(Encode(""), "");
  EXPECT_EQ(Encode("f"), "Zg==");
  EXPECT_EQ(Encode("fo"), "Zm8=");
  EXPECT_EQ(Encode("foo"), "Zm9v");
  EXPECT_EQ(Encode("foob"), "Zm9vYg==");
  EXPECT_EQ(Encode("fooba"), "Zm9vYmE=");
  EXPECT_EQ(Encode("foobar"), "Zm9vYmFy");
}

TEST(Base64Test, DecodesTheVectorsOfRfc4648) {
  EXPECT_EQ(Decode(""), "");
  EXPECT_EQ(Decode("Zg=="), "f");
  EXPECT_EQ(Decode("Zm8="), "fo");
  EXPECT_EQ(Decode("Zm9v"), "foo");
  EXPECT_EQ(Decode("Zm9vYg=="), "foob");
  EXPECT_EQ(Decode("Zm9vYmE="), "fooba");
  EXPECT_EQ(Decode("Zm9vYmFy"), "foobar");
  EXPECT_EQ(Hex(Decode("+/+/")), "fbffbf");
}

TEST(Base64Test, RefusesWhatIsNotBase64) {
  EXPECT_EQ(Decode("Zm9"), "invalid");
  EXPECT_EQ(Decode("Zm9*"), "invalid");
  EXPECT_EQ(Decode("Z==="), "invalid");
  EXPECT_EQ(Decode("===="), "invalid");
  EXPECT_EQ(Decode("Zg==Zg=="), "invalid");
  EXPECT_EQ(Decode("Zm-_"), "invalid");
}

// librdkafka takes the size of the result from that of the input: it would read bytes that were never
// written.
TEST(Base64Test, RefusesLineBreaks) {
  EXPECT_EQ(Decode("Zm9v\r\n\r\n"), "invalid");
  EXPECT_EQ(Decode("\nZm9vYm\n"), "invalid");
}

TEST(DigestTest, MatchesFips180) {
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  std::array<unsigned char, SHA512_DIGEST_LENGTH> digest{};
  SHA512(Bytes("abc"), 3, digest.data());
  EXPECT_EQ(Hex({reinterpret_cast<char*>(digest.data()), digest.size()}),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  std::array<unsigned char, SHA_DIGEST_LENGTH> sha1{};
  SHA1(Bytes("abc"), 3, sha1.data());
  EXPECT_EQ(Hex({reinterpret_cast<char*>(sha1.data()), sha1.size()}),
            "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(HmacTest, MatchesRfc4231) {
  const std::string key1(20, '\x0b');
  EXPECT_EQ(Hex(Mac(EVP_sha256(), key1, "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(Mac(EVP_sha512(), key1, "Hi There")),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
            "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
  EXPECT_EQ(Hex(Mac(EVP_sha256(), "Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::string key6(131, '\xaa');  // longer than a block
  EXPECT_EQ(Hex(Mac(EVP_sha256(), key6, "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(Hex(Mac(EVP_sha512(), key6, "Test Using Larger Than Block-Size Key - Hash Key First")),
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
            "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
}

TEST(HmacTest, RefusesAMissingHash) {
  EXPECT_EQ(Mac(nullptr, "key", "data"), "failed");
}

TEST(ScramHiTest, MatchesPublishedPbkdf2) {
  EXPECT_EQ(Hex(Hi(EVP_sha1(), "password", "salt", 2)), "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
  EXPECT_EQ(Hex(Hi(EVP_sha256(), "password", "salt", 1)),
            "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b");
  EXPECT_EQ(Hex(Hi(EVP_sha512(), "password", "salt", 1)),
            "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
            "c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce");
  EXPECT_EQ(Hi(EVP_sha256(), "password", "salt", 0), Hi(EVP_sha256(), "password", "salt", 1));
  EXPECT_EQ(Hi(nullptr, "password", "salt", 1), "");
}

// The whole exchange of RFC 7677 section 3, from these functions as rdkafka_sasl_scram.c combines them.
TEST(ScramHiTest, MatchesTheExchangeOfRfc7677) {
  const std::string server_first =
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
  const std::string auth_message = "n=user,r=rOprNGfwEbeRWgbNEkqO," + server_first +
                                   ",c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

  const std::string salted = Hi(EVP_sha256(), "pencil", Decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  const std::string client_key = Mac(EVP_sha256(), salted, "Client Key");
  const std::string signature = Mac(EVP_sha256(), Sha256(client_key), auth_message);
  std::string proof = client_key;
  for (size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature[i]);
  EXPECT_EQ(Encode(proof), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");

  const std::string server_key = Mac(EVP_sha256(), salted, "Server Key");
  EXPECT_EQ(Encode(Mac(EVP_sha256(), server_key, auth_message)),
            "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST(RandomTest, DrawsEveryNumberOfTheRangeAndNoOther) {
  ASSERT_EQ(psa_crypto_init(), PSA_SUCCESS);
  std::set<int> seen;
  for (int i = 0; i < 10'000; ++i) {  // 82 numbers: the chance to miss one is 82 * (81/82)^10000, below 1e-50
    const int draw = kafka_tls_random_in_range('-', '~');
    ASSERT_GE(draw, '-');
    ASSERT_LE(draw, '~');
    seen.insert(draw);
  }
  EXPECT_EQ(seen.size(), 82u);
  EXPECT_EQ(kafka_tls_random_in_range(7, 7), 7);
}

TEST(RandomTest, FillsBytes) {
  std::array<unsigned char, 32> first{};
  std::array<unsigned char, 32> second{};
  EXPECT_EQ(RAND_priv_bytes(first.data(), 32), 1);
  EXPECT_EQ(RAND_priv_bytes(second.data(), 32), 1);
  EXPECT_NE(first, second);
  EXPECT_EQ(RAND_priv_bytes(first.data(), -1), 0);
}

}  // namespace
}  // namespace picket
