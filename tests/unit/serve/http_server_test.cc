#include "agent/serve/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "tests/unit/port/fakes.h"

namespace picket {
namespace {

// A server on a free loopback port, its loop on a thread of its own. The client side may block.
class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() : loop_(EventLoop::Create(SystemClock()).value()) {
    server_ = HttpServer::Listen(*loop_, logger_, "127.0.0.1:0", [](std::string_view path) {
                if (path == "/hello") return HttpResponse{200, "text/plain", "hello\n"};
                if (path == "/big") return HttpResponse{200, "text/plain", std::string(4 << 20, 'x')};
                return HttpResponse{404, "text/plain", "no such page\n"};
              }).value();
    thread_ = std::thread([this] { loop_->Run(); });
  }
  ~HttpServerTest() override {
    loop_->Stop();
    thread_.join();
  }

  int Connect() {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(std::stoi(server_->Address().substr(10))));
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  static std::string ReadAll(int fd) {
    std::string text;
    char block[4096];
    for (ssize_t n; (n = read(fd, block, sizeof block)) > 0;) text.append(block, static_cast<size_t>(n));
    close(fd);
    return text;
  }
  std::string Get(const std::string& request) {
    const int fd = Connect();
    EXPECT_EQ(send(fd, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
    return ReadAll(fd);
  }

  FakeLogger logger_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

TEST_F(HttpServerTest, AnswersAPathWithoutItsQuery) {
  const std::string answer = Get("GET /hello?name=x HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("Content-Length: 6\r\nConnection: close\r\n\r\nhello\n")) << answer;
}

TEST_F(HttpServerTest, SendsMoreThanASocketBufferHolds) {
  EXPECT_GT(Get("GET /big HTTP/1.1\r\n\r\n").size(), size_t{4} << 20);
}

TEST_F(HttpServerTest, RefusesOtherMethodsAndUnknownPaths) {
  EXPECT_TRUE(Get("POST /hello HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(Get("GET /nothing HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(Get("hello\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

TEST_F(HttpServerTest, CutsOffARequestWithoutEnd) {
  EXPECT_TRUE(Get("GET /hello HTTP/1.1\r\nX: " + std::string(5000, 'x')).starts_with("HTTP/1.1 400 "));
}

TEST_F(HttpServerTest, ServesOnAfterMoreClientsThanPlaces) {
  std::vector<int> idle;
  for (size_t i = 0; i < HttpServer::kMaxConnections; ++i) idle.push_back(Connect());
  const int waiting = Connect();
  const std::string request = "GET /hello HTTP/1.1\r\n\r\n";
  ASSERT_GT(send(waiting, request.data(), request.size(), MSG_NOSIGNAL), 0);
  for (int fd : idle) close(fd);
  EXPECT_TRUE(ReadAll(waiting).starts_with("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, NamesAnAddressItCannotUse) {
  const auto handler = [](std::string_view) { return HttpResponse{}; };
  for (const char* address : {"", "9116", "localhost:9116", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:x"}) {
    EXPECT_EQ(HttpServer::Listen(*loop_, logger_, address, handler).error().code, ErrorCode::kConfig) << address;
  }
  const auto taken = HttpServer::Listen(*loop_, logger_, server_->Address(), handler);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(taken.error().message.find("serve.listen"), std::string::npos);
}

}  // namespace
}  // namespace picket
