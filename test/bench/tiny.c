/* The smallest program worth executing: it starts and ends. */
int main(void) { return 0; }
