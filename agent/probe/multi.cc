#include "agent/probe/multi.h"

#include <curl/curl.h>

#include <chrono>
#include <utility>

#include "agent/probe/prober.h"

namespace picket {

struct Multi::Impl {
  Impl(EventLoop& event_loop, const Clock& clock_source, Logger& log, Done on_done)
      : loop(event_loop),
        clock(clock_source),
        logger(log),
        done(std::move(on_done)),
        multi(curl_multi_init()) {}
  ~Impl() {
    if (multi != nullptr) curl_multi_cleanup(multi);  // still calls OnSocket for what it closes
    loop.CancelTimer(timer);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  static int OnSocket(CURL*, curl_socket_t fd, int what, void* self, void*);
  static int OnTimer(CURLM*, long timeout_ms, void* self);
  void Act(curl_socket_t fd, int ready);

  EventLoop& loop;
  const Clock& clock;
  Logger& logger;
  const Done done;
  CURLM* const multi;
  EventLoop::TimerId timer = 0;
};

int Multi::Impl::OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void*) {
  auto* impl = static_cast<Impl*>(self);
  if (what == CURL_POLL_REMOVE) {
    impl->loop.Unwatch(fd);
    return 0;
  }
  uint32_t events = 0;
  if (what & CURL_POLL_IN) events |= EventLoop::kReadable;
  if (what & CURL_POLL_OUT) events |= EventLoop::kWritable;
  const Status watched = impl->loop.Watch(fd, events, [impl, fd](uint32_t ready) {
    int mask = 0;
    if (ready & EventLoop::kReadable) mask |= CURL_CSELECT_IN;
    if (ready & EventLoop::kWritable) mask |= CURL_CSELECT_OUT;
    impl->Act(fd, mask);
  });
  if (!watched) {
    impl->logger.Error("probe", "%s", watched.error().message.c_str());
    // Told so, libcurl would give up every transfer. This way the one runs into its timeout.
    Transfer* transfer = nullptr;  // stays so for a connection that is only being closed
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    if (transfer != nullptr) transfer->NoteUnwatched();
  }
  return 0;
}

int Multi::Impl::OnTimer(CURLM*, long timeout_ms, void* self) {
  auto* impl = static_cast<Impl*>(self);
  impl->loop.CancelTimer(impl->timer);
  impl->timer = 0;
  if (timeout_ms < 0) return 0;
  impl->timer = impl->loop.AddTimer(impl->clock.Boot() + std::chrono::milliseconds(timeout_ms), [impl] {
    impl->timer = 0;
    impl->Act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void Multi::Impl::Act(curl_socket_t fd, int ready) {
  int running = 0;
  if (const CURLMcode failed = curl_multi_socket_action(multi, fd, ready, &running); failed != CURLM_OK) {
    logger.Error("probe", "libcurl: %s", curl_multi_strerror(failed));
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;  // the message dies with curl_multi_remove_handle
    Transfer* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    curl_multi_remove_handle(multi, easy);
    done(transfer, code);
  }
}

Multi::Multi(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Multi::~Multi() = default;

Expected<std::unique_ptr<Multi>> Multi::Create(EventLoop& loop, const Clock& clock, Logger& logger,
                                               size_t max_connections, Done done) {
  auto impl = std::make_unique<Impl>(loop, clock, logger, std::move(done));
  CURLM* const multi = impl->multi;
  if (multi == nullptr) return Fail(ErrorCode::kResourceExhausted, "libcurl: out of memory");
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &Impl::OnSocket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, impl.get());
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &Impl::OnTimer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, impl.get());
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  // A server that never answers our close_notify keeps its connection in libcurl for a while: this bounds
  // how many there are, the oldest goes first.
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(max_connections));
  return std::unique_ptr<Multi>(new Multi(std::move(impl)));
}

bool Multi::Add(Transfer& transfer) {
  return curl_multi_add_handle(impl_->multi, transfer.handle()) == CURLM_OK;
}

void Multi::Remove(Transfer& transfer) {
  curl_multi_remove_handle(impl_->multi, transfer.handle());
}

std::string HttpLibraryVersion() {
  return curl_version();
}

}  // namespace picket
