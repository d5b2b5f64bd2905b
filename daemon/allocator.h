#pragma once

// How the allocator deals with the system. Without tcmalloc neither does anything.

// Has it take memory in pages of 2 MiB, where the system gives such to those who ask for them. What
// waits for labels lies all over memory, and so much of the time goes into finding pages otherwise.
// Call it first thing in main.
void UseHugePages();

// Gives back what it holds free, if that is a good part of the whole: reading what came during an
// outage, or a large checkpoint, takes memory that is not needed again for long. Any thread.
void ReturnFreeMemory();
