#include "agent/keeper/answer_watch.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

using std::chrono::seconds;

constexpr BootTime At(int second) {
  return BootTime{seconds(second)};
}

TEST(AnswerWatch, NoAnswerIsSilence) {
  AnswerWatch watch;
  watch.Look(0, At(1));
  EXPECT_FALSE(watch.Since());
}

TEST(AnswerWatch, AnswersCountFromTheFirst) {
  AnswerWatch watch;
  watch.Look(1, At(1));
  watch.Look(3, At(5));
  watch.Look(3, At(6));
  EXPECT_EQ(watch.Since(), At(1));
}

TEST(AnswerWatch, AnAcknowledgementEndsIt) {
  AnswerWatch watch;
  watch.Look(1, At(1));
  watch.Acknowledged(2);
  watch.Look(2, At(2));
  EXPECT_FALSE(watch.Since());
}

TEST(AnswerWatch, ANewProducerBeginsAnew) {
  AnswerWatch watch;
  watch.Look(5, At(1));
  watch.Look(0, At(2));
  EXPECT_FALSE(watch.Since());
  watch.Look(1, At(3));
  EXPECT_EQ(watch.Since(), At(3));
}

TEST(AnswerWatch, WhenAnswersStopItIsSilenceAgain) {
  AnswerWatch watch;
  watch.Look(1, At(1));
  watch.Look(1, At(12));
  EXPECT_FALSE(watch.Since());
}

}  // namespace
}  // namespace picket
