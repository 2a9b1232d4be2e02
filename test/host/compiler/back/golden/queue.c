static uint64_t taken = 0UL;

uint64_t entry_takeFirst(uint64_t p0);

uint64_t entry_takeFirst(uint64_t p0) {
  uint64_t l1 = 0;
  uint64_t l2 = 0;
  uint64_t t0 = load64((p0 + 8UL));
  l1 = t0;
  if ((l1 != 0UL)) {
    uint64_t t1 = load64((l1 + 16UL));
    l2 = t1;
    store64((p0 + 8UL), l2);
    if ((l2 == 0)) {
      store64((p0 + 16UL), 0UL);
    } else {
      store64((l2 + 24UL), 0UL);
    }
    uint64_t t2 = load32(p0);
    store32(p0, (t2 - 1UL));
  }
  taken = (taken + 1UL);
  return l1;
}
