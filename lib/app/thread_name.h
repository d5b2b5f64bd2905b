#pragma once

#include <pthread.h>
#include <string>

namespace guardwatch {

// What `top -H` and a profiler call the current thread. Linux keeps fifteen characters.
inline void NameThread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

}  // namespace guardwatch
