#include "net/http_client.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/child_process.h"
#include "net/loop_thread.h"
#include "net/raw_socket.h"

namespace guardwatch {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

class HttpClientTest : public ::testing::Test {
 protected:
  ~HttpClientTest() override {
    thread_.Do([&] { client_.reset(); });
  }

  Result<HttpReply> Fetch(HttpCall call) { return thread_.Fetch(*client_, std::move(call)); }
  Result<HttpReply> Get(const std::string& url, TlsOptions tls = {}) {
    return Fetch({.url = url, .tls = std::move(tls)});
  }

  LoopThread thread_;
  std::unique_ptr<HttpClient> client_ = std::make_unique<HttpClient>(thread_.loop());
};

std::string LocalUrl(const RawSocket& listener, const std::string& target = "/") {
  return "http://127.0.0.1:" + std::to_string(listener.port()) + target;
}

TEST_F(HttpClientTest, NamesWhereNobodyListens) {
  std::string url;
  {
    const auto listener = RawSocket::Listen();
    url = LocalUrl(listener);
  }
  const auto reply = Get(url + "?token=secret");
  ASSERT_FALSE(reply);
  EXPECT_TRUE(reply.error().retryable);
  EXPECT_EQ(reply.error().message, "GET " + url + ": connecting: Connection refused");
}

TEST_F(HttpClientTest, NamesAHostThatDoesNotExist) {
  const auto reply = Get("http://no-such-host.invalid:9/");  // RFC 6761: never resolves.
  ASSERT_FALSE(reply);
  EXPECT_TRUE(reply.error().retryable);
  EXPECT_THAT(reply.error().message, HasSubstr("looking up no-such-host.invalid: "));
}

TEST_F(HttpClientTest, GivesUpAtTheDeadline) {
  const auto listener = RawSocket::Listen();  // Connections wait to be accepted, for ever.
  const auto reply = Fetch({.url = LocalUrl(listener), .deadline = milliseconds(50)});
  ASSERT_FALSE(reply);
  EXPECT_TRUE(reply.error().retryable);
  EXPECT_THAT(reply.error().message, HasSubstr("waiting for the reply: timed out after 50ms"));
}

TEST_F(HttpClientTest, ReportsAConnectionThatBreaksOrTalksNonsense) {
  const auto listener = RawSocket::Listen();
  for (const std::string answer :
       {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "SSH-2.0-OpenSSH_9.2\r\n"}) {
    std::thread peer([&] {
      RawSocket connection = listener.Accept();
      connection.ReceiveUntil("\r\n\r\n");
      connection.Send(answer);
    });
    const auto reply = Get(LocalUrl(listener));
    peer.join();
    ASSERT_FALSE(reply) << answer;
    EXPECT_TRUE(reply.error().retryable);
  }
  std::thread peer([&] {
    RawSocket connection = listener.Accept();
    connection.ReceiveUntil("\r\n\r\n");
    connection.Reset();
  });
  const auto reply = Get(LocalUrl(listener));
  peer.join();
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("Connection reset by peer"));
}

TEST_F(HttpClientTest, ReadsABodyThatEndsWithTheConnection) {
  const auto listener = RawSocket::Listen();
  std::thread peer([&] {
    const RawSocket connection = listener.Accept();
    connection.ReceiveUntil("\r\n\r\n");
    connection.Send("HTTP/1.0 200 OK\r\nX-A: b\r\n\r\nuntil the end");
  });
  const auto reply = Get(LocalUrl(listener));
  peer.join();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "until the end");
  EXPECT_EQ(FindHeader(reply->headers, "x-a"), "b");
}

TEST_F(HttpClientTest, SendsWhatItWasGiven) {
  const auto listener = RawSocket::Listen();
  std::string request;
  std::thread peer([&] {
    const RawSocket connection = listener.Accept();
    request = connection.ReceiveUntil("the body");
    connection.Send("HTTP/1.1 204 No Content\r\n\r\n");
  });
  const auto reply = Fetch({.method = "POST",
                            .url = LocalUrl(listener, "/path?x=1"),
                            .headers = {{"Content-Type", "text/plain"}},
                            .body = "the body"});
  peer.join();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 204);
  EXPECT_EQ(request,
            "POST /path?x=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(listener.port()) +
                "\r\nConnection: close\r\nUser-Agent: guardwatch\r\n"
                "Content-Type: text/plain\r\nContent-Length: 8\r\n\r\nthe body");
}

TEST_F(HttpClientTest, RefusesAMalformedCallWithoutRetry) {
  const auto no_url = Get("not a url");
  ASSERT_FALSE(no_url);
  EXPECT_FALSE(no_url.error().retryable);
  const auto smuggled = Fetch(
      {.url = "http://127.0.0.1:1/", .headers = {{"Authorization", "Bearer hunter2\r\nX: y"}}});
  ASSERT_FALSE(smuggled);
  EXPECT_FALSE(smuggled.error().retryable);
  EXPECT_THAT(smuggled.error().message, Not(HasSubstr("hunter2")));
}

TEST_F(HttpClientTest, AbandonsItsCallsWhenItIsDestroyed) {
  const auto listener = RawSocket::Listen();
  bool called = false;
  thread_.Do([&] {
    client_->Send({.url = LocalUrl(listener)}, [&](const Result<HttpReply>&) { called = true; });
  });
  const RawSocket connection = listener.Accept();
  connection.ReceiveUntil("\r\n\r\n");
  thread_.Do([&] { client_.reset(); });
  EXPECT_EQ(connection.ReceiveAll(), "");
  EXPECT_FALSE(thread_.Do([&] { return called; }));
}

void RunOpenssl(std::vector<std::string> arguments, const TemporaryDirectory& directory) {
  arguments.insert(arguments.begin(), "openssl");
  ASSERT_EQ(ChildProcess(arguments, directory.File("openssl.log")).Wait(), 0) << arguments[1];
}

// A certificate authority with a server and a client certificate, and one that nobody knows.
class TlsFiles {
 public:
  TlsFiles() {
    for (const char* authority : {"ca", "other-ca"}) {
      RunOpenssl(
          {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-days", "2", "-subj", "/CN=Test " + std::string(authority), "-keyout",
           File(std::string(authority) + ".key"), "-out", File(std::string(authority) + ".pem")},
          directory_);
    }
    Issue("server", "subjectAltName=DNS:localhost,IP:127.0.0.1");
    Issue("client", "subjectAltName=DNS:client");
  }

  std::string File(const std::string& name) const { return directory_.File(name); }

 private:
  void Issue(const std::string& name, const std::string& extension) {
    std::ofstream(File(name + ".ext")) << extension << "\n";
    RunOpenssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                "/CN=" + name, "-keyout", File(name + ".key"), "-out", File(name + ".csr")},
               directory_);
    RunOpenssl({"x509", "-req", "-in", File(name + ".csr"), "-CA", File("ca.pem"), "-CAkey",
                File("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", File(name + ".ext"),
                "-out", File(name + ".pem")},
               directory_);
  }

  TemporaryDirectory directory_;
};

// `openssl s_server`, which answers every GET with a status page.
class TlsServer {
 public:
  TlsServer(const TlsFiles& files, const std::vector<std::string>& more = {})
      : output_(files.File("server.log")), process_(Arguments(files, more), output_) {}

  // It prints `ACCEPT 127.0.0.1:PORT` once it listens; 0 if it does not get that far.
  int Port() {
    const auto deadline = std::chrono::steady_clock::now() + kTestDeadline;
    while (std::chrono::steady_clock::now() < deadline && process_.Running()) {
      std::ifstream file(output_);
      const std::string text{std::istreambuf_iterator<char>(file),
                             std::istreambuf_iterator<char>()};
      const std::size_t line = text.find("ACCEPT 127.0.0.1:");
      if (line != std::string::npos && text.find('\n', line) != std::string::npos) {
        return std::stoi(text.substr(line + 17));
      }
      std::this_thread::yield();
    }
    return 0;
  }

 private:
  static std::vector<std::string> Arguments(const TlsFiles& files,
                                            const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"openssl",
                                       "s_server",
                                       "-accept",
                                       "127.0.0.1:0",
                                       "-www",
                                       "-cert",
                                       files.File("server.pem"),
                                       "-key",
                                       files.File("server.key")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  std::string output_;
  ChildProcess process_;
};

class HttpClientTlsTest : public HttpClientTest {
 protected:
  static const TlsFiles& files() {
    static const TlsFiles files;
    return files;
  }
};

TEST_F(HttpClientTlsTest, TalksToAServerItsAuthorityVouchesFor) {
  TlsServer server(files());
  const std::string port = std::to_string(server.Port());
  for (const std::string host : {"localhost", "127.0.0.1"}) {
    const auto reply =
        Get("https://" + host + ":" + port + "/", {.ca_file = files().File("ca.pem")});
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->status, 200);
    EXPECT_THAT(reply->body, HasSubstr("TLSv1.3"));
  }
}

TEST_F(HttpClientTlsTest, RefusesACertificateForAnotherHost) {
  TlsServer server(files());
  const std::string url = "https://127.0.0.1:" + std::to_string(server.Port()) + "/";
  const TlsOptions wrong{.ca_file = files().File("ca.pem"), .server_name = "am.example.org"};
  const auto reply = Get(url, wrong);
  ASSERT_FALSE(reply);
  EXPECT_TRUE(reply.error().retryable);
  EXPECT_EQ(reply.error().message,
            "GET " + url + ": TLS handshake: certificate: hostname mismatch");
  EXPECT_TRUE(Get(url, {.ca_file = files().File("ca.pem"), .server_name = "localhost"}));
}

TEST_F(HttpClientTlsTest, RefusesAnUnknownAuthority) {
  TlsServer server(files());
  const std::string url = "https://localhost:" + std::to_string(server.Port()) + "/";
  for (const TlsOptions& tls :
       {TlsOptions{}, TlsOptions{.ca_file = files().File("other-ca.pem")}}) {
    const auto reply = Get(url, tls);
    ASSERT_FALSE(reply);
    EXPECT_THAT(reply.error().message, HasSubstr("TLS handshake: certificate: unable to get"));
  }
  EXPECT_TRUE(Get(url, {.insecure_skip_verify = true}));
}

TEST_F(HttpClientTlsTest, ShowsItsOwnCertificateWhenAsked) {
  TlsServer server(files(),
                   {"-Verify", "1", "-verify_return_error", "-CAfile", files().File("ca.pem")});
  const std::string url = "https://localhost:" + std::to_string(server.Port()) + "/";
  EXPECT_FALSE(Get(url, {.ca_file = files().File("ca.pem")}));
  const auto reply = Get(url, {.ca_file = files().File("ca.pem"),
                               .cert_file = files().File("client.pem"),
                               .key_file = files().File("client.key")});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
}

TEST_F(HttpClientTlsTest, NamesAFileItCannotRead) {
  const auto reply = Get("https://localhost:1/", {.ca_file = "/nonexistent/ca.pem"});
  ASSERT_FALSE(reply);
  EXPECT_TRUE(reply.error().retryable);
  EXPECT_THAT(reply.error().message, HasSubstr("cannot read the CA file '/nonexistent/ca.pem'"));
}

TEST_F(HttpClientTlsTest, DoesNotSpeakToAPlainServer) {
  const auto listener = RawSocket::Listen();
  std::thread peer([&] {
    const RawSocket connection = listener.Accept();
    connection.Send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const auto reply = Get("https://127.0.0.1:" + std::to_string(listener.port()) + "/");
  peer.join();
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("TLS handshake"));
}

}  // namespace
}  // namespace guardwatch
