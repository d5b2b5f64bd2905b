#pragma once

#include <cstddef>
#include <cstdint>

// RocksDB sums every byte that it writes, and Debian builds it for processors that cannot do so
// with one instruction: sums then take a third of what checkpoints cost. Where the processor can,
// the function here stands in front of RocksDB's, as the rules of ELF have it for symbols of shared
// libraries (CMakeLists.txt has the linker take it in).
namespace rocksdb::crc32c {

// CRC-32C (Castagnoli; RFC 3720, appendix B.4) of what gave `crc`, followed by `data`.
std::uint32_t Extend(std::uint32_t crc, const char* data, std::size_t size);

}  // namespace rocksdb::crc32c
