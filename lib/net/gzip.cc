#include "net/gzip.h"

#include <limits>
#include <zlib.h>

namespace guardwatch {

Result<std::string> Gzip(std::string_view bytes) {
  constexpr int kLevel = 1;
  constexpr int kGzipWindow = 15 + 16;  // The greatest window; 16 asks for the gzip wrapper.
  constexpr int kMemoryLevel = 8;
  if (bytes.size() > std::numeric_limits<uInt>::max() / 2) return Fail("gzip: too large");

  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return Fail("gzip: out of memory");
  }
  std::string output(deflateBound(&stream, bytes.size()), '\0');
  // zlib does not write through next_in; its C interface only lacks the const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  const int outcome = deflate(&stream, Z_FINISH);
  output.resize(stream.total_out);
  deflateEnd(&stream);
  if (outcome != Z_STREAM_END) return Fail("gzip: did not finish");
  return output;
}

}  // namespace guardwatch
