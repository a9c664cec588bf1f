#include "agent/probe/failure.h"

#include <curl/curl.h>
#include <errno.h>
#include <gtest/gtest.h>
#include <mbedtls/x509_crt.h>

#include <string>

namespace picket {
namespace {

HopEnd Ended(CURLcode code) {
  HopEnd end;
  end.curl_code = code;
  end.host = "shop.example";
  return end;
}

Failure Classify(const HopEnd& end) {
  ProbeLimits limits;
  limits.timeout = std::chrono::milliseconds(10'000);
  limits.max_body_bytes = 1000;
  return ClassifyFailure(end, limits);
}

void ExpectDown(const Failure& failure, ProbeError error) {
  EXPECT_EQ(failure.outcome, Outcome::kDown);
  EXPECT_EQ(failure.error, error) << ProbeErrorName(failure.error);
  EXPECT_FALSE(failure.detail.empty());
}

void ExpectLocal(const Failure& failure) {
  EXPECT_EQ(failure.outcome, Outcome::kUnknown);
  EXPECT_EQ(failure.error, ProbeError::kLocal) << ProbeErrorName(failure.error);
  EXPECT_FALSE(failure.detail.empty());
}

TEST(ClassifyFailure, WhatTheSiteDidIsDown) {
  ExpectDown(Classify(Ended(CURLE_COULDNT_RESOLVE_HOST)), ProbeError::kDns);
  ExpectDown(Classify(Ended(CURLE_COULDNT_CONNECT)), ProbeError::kConnect);
  ExpectDown(Classify(Ended(CURLE_SSL_CONNECT_ERROR)), ProbeError::kTls);
  ExpectDown(Classify(Ended(CURLE_OPERATION_TIMEDOUT)), ProbeError::kTimeout);
  ExpectDown(Classify(Ended(CURLE_GOT_NOTHING)), ProbeError::kReset);
  ExpectDown(Classify(Ended(CURLE_RECV_ERROR)), ProbeError::kReset);
  ExpectDown(Classify(Ended(CURLE_PARTIAL_FILE)), ProbeError::kReset);
  ExpectDown(Classify(Ended(CURLE_WEIRD_SERVER_REPLY)), ProbeError::kHttpProtocol);
  ExpectDown(Classify(Ended(CURLE_UNSUPPORTED_PROTOCOL)), ProbeError::kHttpProtocol);
}

TEST(ClassifyFailure, WhatWeDidIsUnknown) {
  ExpectLocal(Classify(Ended(CURLE_OUT_OF_MEMORY)));
  ExpectLocal(Classify(Ended(CURLE_FAILED_INIT)));
  ExpectLocal(Classify(Ended(CURLE_UNKNOWN_OPTION)));
}

TEST(ClassifyFailure, RefusedIsTheSiteOutOfDescriptorsIsUs) {
  HopEnd end = Ended(CURLE_COULDNT_CONNECT);
  end.os_error = ECONNREFUSED;
  const Failure refused = Classify(end);
  ExpectDown(refused, ProbeError::kConnect);
  EXPECT_EQ(refused.detail, "Connection refused");
  end.os_error = EMFILE;
  ExpectLocal(Classify(end));
  end.curl_code = CURLE_COULDNT_RESOLVE_HOST;
  ExpectLocal(Classify(end));
}

TEST(ClassifyFailure, WithoutARouteItIsOurUplink) {
  HopEnd end = Ended(CURLE_COULDNT_CONNECT);
  end.os_error = ENETUNREACH;
  ExpectDown(Classify(end), ProbeError::kConnect);  // said by a router on the way
  end.no_route = true;
  ExpectLocal(Classify(end));
  end.curl_code = CURLE_COULDNT_RESOLVE_HOST;
  end.os_error = 0;
  ExpectLocal(Classify(end));
}

TEST(ClassifyFailure, ATimeoutOfALoopThatDidNotListenIsOurs) {
  HopEnd end = Ended(CURLE_OPERATION_TIMEDOUT);
  end.unwatched = true;
  ExpectLocal(Classify(end));
}

TEST(ClassifyFailure, ABrokenConnectionIsToldByItsText) {
  HopEnd end = Ended(CURLE_RECV_ERROR);
  end.text = "Recv failure: Connection reset by peer";
  ExpectDown(Classify(end), ProbeError::kReset);
  end.text = "chunk hex-length char not a hex digit: 0x6e";
  ExpectDown(Classify(end), ProbeError::kHttpProtocol);
  end.text = "ssl_read returned: (-0x7780) SSL - A fatal alert message was received from our peer";
  const Failure alert = Classify(end);
  ExpectDown(alert, ProbeError::kTls);
  EXPECT_EQ(alert.detail, "A fatal alert message was received from our peer");

  end = Ended(CURLE_SSL_CONNECT_ERROR);
  end.text = "Recv failure: Connection reset by peer";
  ExpectDown(Classify(end), ProbeError::kReset);
  end.text = "ssl_handshake returned: (-0x7280) SSL - The connection indicated an EOF";
  ExpectDown(Classify(end), ProbeError::kTls);
}

TEST(ClassifyFailure, ATimeoutSaysWhere) {
  HopEnd end = Ended(CURLE_OPERATION_TIMEDOUT);
  end.times.tls = true;
  end.times.name_lookup = 1;
  end.times.connect = 2;
  EXPECT_EQ(Classify(end).detail, "no end after 10000 ms, in the TLS handshake");
}

TEST(ClassifyFailure, OurStopsHaveTheirNames) {
  HopEnd end = Ended(CURLE_WRITE_ERROR);
  end.stop = Stop::kBodyTooLarge;
  const Failure large = Classify(end);
  ExpectDown(large, ProbeError::kTooLarge);
  EXPECT_NE(large.detail.find("1000 bytes"), std::string::npos);
  end.stop = Stop::kHeadersTooLarge;
  ExpectDown(Classify(end), ProbeError::kHttpProtocol);
  end = Ended(CURLE_ABORTED_BY_CALLBACK);
  end.stop = Stop::kNoTrust;
  ExpectLocal(Classify(end));
}

TEST(ClassifyFailure, ABadCertificateIsNotJustTls) {
  HopEnd end = Ended(CURLE_PEER_FAILED_VERIFICATION);
  end.verification.checked = true;
  end.verification.leaf_flags = MBEDTLS_X509_BADCERT_CN_MISMATCH;
  const Failure failure = Classify(end);
  ExpectDown(failure, ProbeError::kCertificate);
  EXPECT_EQ(failure.detail, "certificate: not valid for the host shop.example");
}

TEST(ClassifyFailure, AnUncheckedCertificateIsNeverUp) {
  ExpectDown(Classify(Ended(CURLE_OK)), ProbeError::kTls);
}

TEST(ClassifyFailure, AWrongClockIsNotBlamedOnTheSite) {
  HopEnd end = Ended(CURLE_PEER_FAILED_VERIFICATION);
  end.verification.checked = true;
  end.verification.leaf_flags = MBEDTLS_X509_BADCERT_FUTURE;
  ProbeLimits limits;
  limits.clock_trusted = false;
  const Failure dates = ClassifyFailure(end, limits);
  EXPECT_EQ(dates.outcome, Outcome::kUnknown);
  EXPECT_EQ(dates.error, ProbeError::kClock);
  // But a wrong name is wrong at any time.
  end.verification.leaf_flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  ExpectDown(ClassifyFailure(end, limits), ProbeError::kCertificate);
}

TEST(ClassifyStatus, FromTwoToThreeHundredIsUp) {
  for (const int up : {200, 204, 299, 301, 399}) {
    EXPECT_EQ(ClassifyStatus(up, "").outcome, Outcome::kUp) << up;
    EXPECT_EQ(ClassifyStatus(up, "").error, ProbeError::kNone) << up;
  }
  for (const int down : {100, 199, 400, 404, 500, 599, 999})
    ExpectDown(ClassifyStatus(down, ""), ProbeError::kStatus);
}

TEST(CleanDetail, IsOneShortLineOfWholeCharacters) {
  EXPECT_EQ(CleanDetail("a\nb\tc\x7f"), "a b c ");
  EXPECT_EQ(CleanDetail(std::string(300, 'x')).size(), kMaxErrorDetailBytes);
  const std::string cut = CleanDetail(std::string(255, 'x') + "€");
  EXPECT_EQ(cut, std::string(255, 'x'));
}

}  // namespace
}  // namespace picket
