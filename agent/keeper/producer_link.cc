#include "agent/keeper/producer_link.h"

namespace picket {

ProducerLink::~ProducerLink() {
  Close();
  if (burial_.joinable()) burial_.join();
}

Status ProducerLink::Open() {
  auto producer = factory_(callbacks_);
  if (!producer) return std::unexpected(std::move(producer).error());
  producer_ = *std::move(producer);
  return {};
}

bool ProducerLink::Poll(BootTime now) {
  if (producer_ == nullptr) return false;
  producer_->Poll();
  if (!producer_->Fatal()) return false;
  failures_.Fail(now);
  Bury();
  return true;
}

bool ProducerLink::Revive(BootTime now) {
  if (producer_ != nullptr || closed_ || failures_.Waiting(now) || !Buried()) return false;
  Status opened = Open();
  if (!opened) {
    failures_.Fail(now);
    logger_.Error("kafka", "no producer: %s", opened.error().message.c_str());
  }
  return opened.has_value();
}

Status ProducerLink::Replace() {
  if (closed_ || !Buried()) {
    return Fail(ErrorCode::kUnavailable, "the last connection to Kafka is still being given up; try again");
  }
  auto producer = factory_(callbacks_);
  if (!producer) return std::unexpected(std::move(producer).error());
  if (producer_ != nullptr) Bury();
  producer_ = *std::move(producer);
  failures_.Reset();
  return {};
}

std::optional<BootTime> ProducerLink::ReviveAt() const {
  if (producer_ != nullptr || closed_) return std::nullopt;
  return failures_.Until();
}

void ProducerLink::Close() {
  closed_ = true;
  if (producer_ != nullptr) Bury();
}

void ProducerLink::Bury() {
  if (burial_.joinable()) burial_.join();  // it has ended: a producer is only made when Buried
  buried_->store(false, std::memory_order_release);
  burial_ = std::thread([producer = std::move(producer_), buried = buried_]() mutable {
    producer.reset();
    buried->store(true, std::memory_order_release);
  });
}

void ProducerLink::Abandon() {
  if (burial_.joinable()) burial_.detach();
}

}  // namespace picket
