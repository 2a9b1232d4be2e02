uint64_t entry_search(uint64_t p0, uint64_t p1, uint64_t p2);

uint64_t entry_search(uint64_t p0, uint64_t p1, uint64_t p2) {
  uint64_t l3 = 0;
  uint64_t l4 = 0;
  for (;;) { L1:;
    if (((int64_t)p1 > (int64_t)l4)) {
      uint64_t t0 = load64((p0 + ((uint64_t)l4 << 3)));
      l3 = t0;
      for (;;) { L3:;
        if ((l3 != 0UL)) {
          {
            uint64_t t1 = load32(l3);
            if ((t1 == p2)) {
              return l3;
            }
            uint64_t t2 = load32(l3);
            if ((t2 > p2)) goto L5;
            uint64_t t3 = load64((l3 + 8UL));
            l3 = t3;
            goto L3;
          }
          L5:;
        }
        break;
      }
      l4 = (l4 + 1UL);
      goto L1;
    }
    break;
  }
  return 0UL;
}
