// Large pages under what a process already has in memory.
#include "CLinux.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

enum { HUGE = 2 << 20, PAGES_MAX = HUGE / 4096 };

// Collapsing works where the operator forbade large pages, too; then we do not.
static _Bool is_forbidden(void) {
    char mode[64] = "";
    FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "re");
    _Bool is_read = file && fgets(mode, sizeof mode, file);
    if (file) fclose(file);
    return !is_read || strstr(mode, "[never]");
}

// A block with holes would take more memory than it does, so only those that are nearly full are worth it.
static _Bool is_nearly_full(uintptr_t block, size_t page) {
    unsigned char resident[PAGES_MAX];
    size_t pages = HUGE / page, count = 0;
    if (pages > PAGES_MAX || mincore((void *)block, HUGE, resident) != 0) return 0;
    for (size_t i = 0; i < pages; i++) count += resident[i] & 1;
    return count * 16 >= pages * 15;
}

int clinux_gather_pages(int blocks_max) {
    if (is_forbidden()) return 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    if (!maps) return 0;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    int seen = 0, gathered = 0;
    char line[512];
    while (fgets(line, sizeof line, maps)) {
        // A name may be longer; the rest of it is no mapping.
        for (int c = strchr(line, '\n') ? '\n' : 0; c != '\n' && c != EOF;) c = fgetc(maps);
        uintptr_t start, end;
        char mode[5] = "", name[8] = "";
        unsigned long inode;
        int fields = sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %lu %7s", &start, &end, mode, &inode, name);
        if (fields < 4 || strcmp(mode, "rw-p") != 0 || inode != 0) continue;
        if (fields == 5 && strcmp(name, "[heap]") != 0) continue;
        uintptr_t at = (start + HUGE - 1) & ~(uintptr_t)(HUGE - 1);
        for (; at + HUGE <= end && seen < blocks_max; at += HUGE, seen++)
            if (is_nearly_full(at, page) && madvise((void *)at, HUGE, MADV_COLLAPSE) == 0) gathered++;
    }
    fclose(maps);
    return gathered;
}
