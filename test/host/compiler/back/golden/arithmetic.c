uint64_t entry_mixed(uint64_t p0, uint64_t p1);
uint64_t entry_flags(uint64_t p0);

uint64_t entry_mixed(uint64_t p0, uint64_t p1) {
  uint64_t t0 = (uint64_t)(int64_t)(int32_t)p0;
  uint64_t r1_0;
  if (((int64_t)p0 < (int64_t)p1)) {
    uint64_t t1 = div_u_64(p0, 10UL);
    r1_0 = t1;
  } else {
    uint64_t t2 = div_s_64(p0, p1);
    r1_0 = t2;
  }
  return (t0 + ((r1_0 + ((uint64_t)((int64_t)p1 >> 3))) + ((uint64_t)(uint64_t)(uint32_t)(p0 < p1) << 4)));
}

uint64_t entry_flags(uint64_t p0) {
  uint64_t l1 = 0;
  l1 = (uint64_t)(uint32_t)((p0 & 0xffffffffUL) >= 0x80000000UL);
  uint64_t r1_0;
  if ((uint32_t)l1) {
    r1_0 = (uint64_t)(uint32_t)((p0 & 4UL) != 0UL);
  } else {
    r1_0 = l1;
  }
  return r1_0;
}
