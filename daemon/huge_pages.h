#pragma once

// Has the allocator take memory from the system in pages of 2 MiB, where the system gives such to
// those who ask for them. What waits for labels lies all over memory, and so much of the time goes
// into finding pages otherwise. Call it first thing in main.
void UseHugePages();
