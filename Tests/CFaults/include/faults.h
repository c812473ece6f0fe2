#pragma once
#include <stdint.h>

/// What happens at the chosen write, sync or truncation.
enum cairn_fault_mode {
    CAIRN_FAULT_NONE = 0,
    /// It and everything after it fails, as if the disk had gone; nothing reaches the file.
    CAIRN_FAULT_GONE = 1,
    /// Only this one fails.
    CAIRN_FAULT_ONCE = 2,
    /// The process is killed before it happens.
    CAIRN_FAULT_KILL = 3,
};

/// Registers a file layer for SQLite under the name "cairn-faults": the ordinary one, with operations counted.
int cairn_faults_register(void);

/// Starts counting again; the operation with this number, from 1, meets its fault. Not for use from two threads.
void cairn_faults_arm(enum cairn_fault_mode mode, int64_t operation);

/// Calls a function before every operation that writes or syncs; null for none.
void cairn_faults_watch(void (*called)(void));

/// How many writes, syncs and truncations there were since then.
int64_t cairn_faults_count(void);
