#include "document.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "net/http_client.h"
#include "net/io_loop.h"

namespace guardwatch {
namespace {

constexpr std::size_t kLongest = std::size_t{64} << 20;

}  // namespace

Result<std::string> ReadDocument(const std::string& path) {
  const auto all = [](std::istream& in) {
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  if (path == "-") return all(std::cin);
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(path + ": cannot be read: " + std::strerror(errno));
  return all(file);
}

Result<std::string> FetchDocument(const std::string& base_url, const std::string& path) {
  IoLoop loop;
  HttpClient client(loop);
  HttpCall call;
  call.url = base_url + path;
  call.body_limit = kLongest;
  Result<std::string> answer = Fail("no answer");
  loop.Post([&] {
    client.Send(std::move(call), [&](Result<HttpReply> reply) {
      if (!reply) {
        answer = tl::unexpected(reply.error());
      } else if (reply->status != 200) {
        answer = Fail(base_url + path + " answered " + std::to_string(reply->status));
      } else {
        answer = std::move(reply->body);
      }
      loop.Stop();
    });
  });
  loop.Run();
  return answer;
}

}  // namespace guardwatch
