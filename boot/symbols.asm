; The table of function names for backtraces (kernel/arch/x86_64/symbols.ts). The image is linked twice: first with an
; empty table, then with the one that tools/image/symbols.ts made of the first link's symbols. It lies behind the text,
; so the second link moves no function.

global symbol_table

section .symbols progbits alloc noexec nowrite align=16
symbol_table:
%ifdef SYMBOLS
        incbin SYMBOLS
%else
        dd 0
%endif
