; The way out of the kernel: to the thread that cpu.current names, as its `resume` says; and the halt of an idle CPU.
; What a return to ring 3 could be abused for is decided here, whatever the frame says: cs and ss are constants, rflags
; is masked, and rip must lie below 2^47 (a non-canonical rip would fault in ring 0 with the user's stack: SDM 2B,
; SYSRET; AMD APM 2, 4.5.2).

%include "constants.inc"
%include "layout.inc"

global leave_kernel

extern kernel_before_resume

section .text
bits 64

; rcx is the thread and rdx the end of its frame throughout.
%define OF_FRAME(register) rdx - FRAME_size + FRAME. %+ register

; Loads CR3 if the thread's address space is not loaded, and says where the next interrupt's CPU-pushed part lands: at
; the end of the thread's frame (TSS.RSP0).
%macro ENTER_SPACE 0
        mov rax, [rcx + Tcb.rootTable]
        cmp rax, [gs:Cpu.loadedRoot]
        je %%loaded
        mov [gs:Cpu.loadedRoot], rax
        mov cr3, rax
%%loaded:
        mov rdx, [rcx + Tcb.frameEnd]
        mov [gs:Cpu.frameEnd], rdx
%endmacro

align 64
leave_kernel:
        mov rcx, [gs:Cpu.current]
        cmp qword [rcx + Tcb.resume], RESUME_SYSRET     ; the high half is slowFlags: any makes it above
        je .sysret
        ja .neither

        ; A native thread after an operation. Its rip came from its own `syscall` instruction, so it is canonical: the
        ; last page below 2^47 cannot be mapped (paging.ts). Registers that carry nothing are cleared, not leaked, but
        ; to a trusted thread (usesFpu false).
.light:
        ENTER_SPACE
        cmp byte [rcx + Tcb.usesFpu], 0
        jne .clear
.cleared:
        mov rsp, [OF_FRAME(rsp)]
        mov rcx, [OF_FRAME(rip)]
        mov rax, [OF_FRAME(rax)]
        mov rdi, [OF_FRAME(rdi)]
        mov rsi, [OF_FRAME(rsi)]
        mov r10, [OF_FRAME(r10)]
        mov r8, [OF_FRAME(r8)]
        mov r9, [OF_FRAME(r9)]
        mov rdx, [OF_FRAME(rdx)]
        mov r11d, FLAGS_FORCED
        swapgs
        o64 sysret

.clear:
        xor ebx, ebx
        xor ebp, ebp
        xor r12d, r12d
        xor r13d, r13d
        xor r14d, r14d
        xor r15d, r15d
        jmp .cleared

        ; A foreign thread after a system call: everything but rcx and r11, which SYSRET uses.
.sysret:
        cmp rcx, [gs:Cpu.fpuOwner]
        jne .slow
        ENTER_SPACE
        mov rcx, [OF_FRAME(rip)]
        mov rax, rcx
        shr rax, 47
        jnz .slow
        mov r11, [OF_FRAME(rflags)]
        and r11d, USER_FLAGS
        or r11d, FLAGS_FORCED
        mov rax, [OF_FRAME(rax)]
        mov rdi, [OF_FRAME(rdi)]
        mov rsi, [OF_FRAME(rsi)]
        mov r8, [OF_FRAME(r8)]
        mov r9, [OF_FRAME(r9)]
        mov r10, [OF_FRAME(r10)]
        mov rbx, [OF_FRAME(rbx)]
        mov rbp, [OF_FRAME(rbp)]
        mov r12, [OF_FRAME(r12)]
        mov r13, [OF_FRAME(r13)]
        mov r14, [OF_FRAME(r14)]
        mov r15, [OF_FRAME(r15)]
        mov rsp, [OF_FRAME(rsp)]
        mov rdx, [OF_FRAME(rdx)]
        swapgs
        o64 sysret

.neither:
        cmp dword [rcx + Tcb.slowFlags], 0
        je .full_or_idle

        ; Pending work, a change of FPU owner, FS or GS base, or a bad rip. It may choose another thread; then start over.
.slow:
        mov rsp, [gs:Cpu.kernelStackTop]
        call kernel_before_resume
        test al, al
        jz leave_kernel
        mov rcx, [gs:Cpu.current]
        cmp byte [rcx + Tcb.resume], RESUME_SYSRET
        je .sysret
        jb .light
        jmp .full_or_idle

        ; All registers, from a private copy of what IRETQ reads.
.full_or_idle:
        ENTER_SPACE
        cmp byte [rcx + Tcb.resume], RESUME_FULL
        jne .idle
        cmp byte [rcx + Tcb.foreign], 0
        je .full
        cmp rcx, [gs:Cpu.fpuOwner]
        jne .slow
        mov rax, [rdx + UserBases.fsBase]
        cmp rax, [gs:Cpu.loadedFsBase]
        jne .slow
        mov rax, [rdx + UserBases.gsBase]
        cmp rax, [gs:Cpu.loadedGsBase]
        jne .slow
.full:
        mov rsp, [gs:Cpu.kernelStackTop]
        push USER_DATA
        push qword [OF_FRAME(rsp)]
        mov rax, [OF_FRAME(rflags)]
        and eax, USER_FLAGS
        or eax, FLAGS_FORCED
        push rax
        push USER_CODE
        mov rax, [OF_FRAME(rip)]
        push rax
        shr rax, 47
        jnz .slow
        mov r15, [OF_FRAME(r15)]
        mov r14, [OF_FRAME(r14)]
        mov r13, [OF_FRAME(r13)]
        mov r12, [OF_FRAME(r12)]
        mov rbp, [OF_FRAME(rbp)]
        mov rbx, [OF_FRAME(rbx)]
        mov r11, [OF_FRAME(r11)]
        mov r10, [OF_FRAME(r10)]
        mov r9, [OF_FRAME(r9)]
        mov r8, [OF_FRAME(r8)]
        mov rax, [OF_FRAME(rax)]
        mov rcx, [OF_FRAME(rcx)]
        mov rsi, [OF_FRAME(rsi)]
        mov rdi, [OF_FRAME(rdi)]
        mov rdx, [OF_FRAME(rdx)]
        swapgs
        iretq

        ; Nothing to run: wait for an interrupt, which comes to boot/interrupts.asm and never returns here. STI holds
        ; interrupts off for one more instruction, so none is lost before HLT (SDM 2B, STI).
.idle:
        mov rsp, [gs:Cpu.kernelStackTop]
        sti
        hlt
        ud2
