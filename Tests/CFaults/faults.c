#include "include/faults.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static sqlite3_vfs *real;
static sqlite3_vfs faulty;
static enum cairn_fault_mode mode;
static int64_t target;
static int64_t count;
static void (*watcher)(void);

typedef struct {
    sqlite3_file base;
    sqlite3_file *inner;
} faulty_file;

static sqlite3_file *inner(sqlite3_file *file) { return ((faulty_file *)file)->inner; }

/// Counts one operation and says whether it must fail.
static int meets_fault(void) {
    count += 1;
    if (watcher) watcher();
    if (mode == CAIRN_FAULT_NONE || count < target) return 0;
    if (mode == CAIRN_FAULT_KILL && count == target) raise(SIGKILL);
    return mode == CAIRN_FAULT_GONE || count == target;
}

static int f_close(sqlite3_file *file) { return inner(file)->pMethods->xClose(inner(file)); }

static int f_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 offset) {
    return inner(file)->pMethods->xRead(inner(file), bytes, size, offset);
}

static int f_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset) {
    if (meets_fault()) return SQLITE_IOERR_WRITE;
    return inner(file)->pMethods->xWrite(inner(file), bytes, size, offset);
}

static int f_truncate(sqlite3_file *file, sqlite3_int64 size) {
    if (meets_fault()) return SQLITE_IOERR_TRUNCATE;
    return inner(file)->pMethods->xTruncate(inner(file), size);
}

static int f_sync(sqlite3_file *file, int flags) {
    if (meets_fault()) return SQLITE_IOERR_FSYNC;
    return inner(file)->pMethods->xSync(inner(file), flags);
}

static int f_size(sqlite3_file *file, sqlite3_int64 *size) {
    return inner(file)->pMethods->xFileSize(inner(file), size);
}

static int f_lock(sqlite3_file *file, int level) { return inner(file)->pMethods->xLock(inner(file), level); }
static int f_unlock(sqlite3_file *file, int level) { return inner(file)->pMethods->xUnlock(inner(file), level); }

static int f_reserved(sqlite3_file *file, int *result) {
    return inner(file)->pMethods->xCheckReservedLock(inner(file), result);
}

static int f_control(sqlite3_file *file, int code, void *argument) {
    return inner(file)->pMethods->xFileControl(inner(file), code, argument);
}

static int f_sector(sqlite3_file *file) { return inner(file)->pMethods->xSectorSize(inner(file)); }
static int f_device(sqlite3_file *file) { return inner(file)->pMethods->xDeviceCharacteristics(inner(file)); }

static int f_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
    return inner(file)->pMethods->xShmMap(inner(file), page, size, extend, memory);
}

static int f_shm_lock(sqlite3_file *file, int offset, int n, int flags) {
    return inner(file)->pMethods->xShmLock(inner(file), offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *file) { inner(file)->pMethods->xShmBarrier(inner(file)); }

static int f_shm_unmap(sqlite3_file *file, int remove) {
    return inner(file)->pMethods->xShmUnmap(inner(file), remove);
}

static const sqlite3_io_methods methods = {
    2, f_close, f_read, f_write, f_truncate, f_sync, f_size, f_lock, f_unlock, f_reserved, f_control, f_sector,
    f_device, f_shm_map, f_shm_lock, f_shm_barrier, f_shm_unmap, 0, 0,
};

static int v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    faulty_file *self = (faulty_file *)file;
    (void)vfs;
    // The inner file lies right behind ours, in the space that szOsFile asked for.
    self->inner = (sqlite3_file *)(self + 1);
    int code = real->xOpen(real, name, self->inner, flags, out);
    self->base.pMethods = self->inner->pMethods ? &methods : 0;
    return code;
}

static int v_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs;
    if (meets_fault()) return SQLITE_IOERR_DELETE;
    return real->xDelete(real, name, sync);
}

int cairn_faults_register(void) {
    if (real) return SQLITE_OK;
    real = sqlite3_vfs_find(0);
    faulty = *real;
    faulty.zName = "cairn-faults";
    faulty.pNext = 0;
    faulty.szOsFile = (int)sizeof(faulty_file) + real->szOsFile;
    faulty.xOpen = v_open;
    faulty.xDelete = v_delete;
    return sqlite3_vfs_register(&faulty, 0);
}

void cairn_faults_arm(enum cairn_fault_mode chosen, int64_t operation) {
    mode = chosen;
    target = operation;
    count = 0;
}

void cairn_faults_watch(void (*called)(void)) { watcher = called; }

int64_t cairn_faults_count(void) { return count; }
