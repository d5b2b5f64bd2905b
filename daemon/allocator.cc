#include "allocator.h"

#ifdef GUARDWATCH_TCMALLOC

#include <cstddef>
#include <new>

#include <gperftools/malloc_extension.h>
#include <sys/mman.h>

namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

// What the allocator used before, in whole huge pages. It gives out what it has got at once, so
// rounding up loses nothing.
class HugePages final : public SysAllocator {
 public:
  explicit HugePages(SysAllocator* system) : system_(system) {}

  void* Alloc(std::size_t size, std::size_t* actual_size, std::size_t alignment) override {
    const std::size_t whole = (size + kHugePage - 1) / kHugePage * kHugePage;
    void* const memory =
        system_->Alloc(whole, actual_size, alignment > kHugePage ? alignment : kHugePage);
    if (memory != nullptr) (void)madvise(memory, *actual_size, MADV_HUGEPAGE);
    return memory;
  }

 private:
  SysAllocator* const system_;
};

}  // namespace

void UseHugePages() {
  alignas(HugePages) static std::byte place[sizeof(HugePages)];
  MallocExtension* const allocator = MallocExtension::instance();
  allocator->SetSystemAllocator(new (place) HugePages(allocator->GetSystemAllocator()));
  // Left to itself the allocator gives back, while reading is at its fastest, what it takes again at
  // once. ReturnFreeMemory is called when there is time.
  allocator->SetMemoryReleaseRate(0);
}

void ReturnFreeMemory() {
  // Less is soon used again, and giving back and taking costs time.
  constexpr std::size_t kWorthwhile = std::size_t{32} << 20;
  constexpr std::size_t kShare = 16;
  std::size_t free = 0;
  std::size_t heap = 0;
  MallocExtension* const allocator = MallocExtension::instance();
  allocator->GetNumericProperty("tcmalloc.pageheap_free_bytes", &free);
  allocator->GetNumericProperty("generic.heap_size", &heap);
  if (free > kWorthwhile && free > heap / kShare) allocator->ReleaseFreeMemory();
}

#else

void UseHugePages() {}
void ReturnFreeMemory() {}

#endif
