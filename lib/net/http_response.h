#pragma once

#include <memory>
#include <string>

#include "base/time.h"
#include "net/http.h"

namespace guardwatch {

// A response as it goes over the wire: the head, then the body if there is one.
struct EncodedResponse {
  std::string head;
  std::shared_ptr<const std::string> body;
};

// Adds what every answer of ours carries (security headers, length, date), compresses bodies above
// 1 KiB for clients that accept gzip, and answers 304 if the response has an ETag the client knows.
EncodedResponse EncodeResponse(const HttpRequest& request, HttpResponse response, bool keep_alive,
                               WallTime now);

}  // namespace guardwatch
