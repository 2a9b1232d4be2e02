; The 256 ways in that are not `syscall`: exceptions and interrupts. Each stub completes the frame that the CPU began
; (SDM 3A 6.14.2): in ring 3 right at the end of the thread's frame, because TSS.RSP0 points there.
; From ring 0 only two things come: an interrupt that ends an idle halt, and a bug, which is a panic.

%include "constants.inc"
%include "layout.inc"

global interrupt_stubs

extern kernel_fault
extern kernel_interrupt
extern kernel_exception
extern leave_kernel

GS_BASE     equ 0xc0000101
STUB_SIZE   equ 16
FIRST_INTERRUPT equ 32

section .text
bits 64

; Vectors with an error code: SDM 3A table 6-1.
%define HAS_ERROR_CODE(vector) ((vector) = 8 || ((vector) >= 10 && (vector) <= 14) || (vector) = 17 || (vector) = 21)
; Vectors on emergency stacks (descriptors.ts): they may arrive anywhere, even between SYSCALL and SWAPGS.
%define IS_EMERGENCY(vector) ((vector) = 2 || (vector) = 8 || (vector) = 18)

align 64
interrupt_stubs:
%assign vector 0
%rep 256
        align STUB_SIZE, int3
    %if !HAS_ERROR_CODE(vector)
        push 0
    %endif
        push rdi
        mov edi, vector
    %if IS_EMERGENCY(vector)
        jmp emergency
    %else
        jmp complete_frame
    %endif
    %assign vector vector + 1
%endrep

%macro PUSH_REST 0
        push rsi
        push rdx
        push rcx
        push rax
        push r8
        push r9
        push r10
        push r11
        push rbx
        push rbp
        push r12
        push r13
        push r14
        push r15
        push rdi                        ; the vector
        cld
%endmacro

align 64
complete_frame:
        PUSH_REST
        test byte [rsp + FRAME.cs], 3
        jz .from_kernel
        swapgs
        mov rax, [gs:Cpu.current]
        mov byte [rax + Tcb.resume], RESUME_FULL
        cmp edi, FIRST_INTERRUPT
        jae .interrupt
        mov esi, edi
        mov rdi, rax
        mov rdx, [rsp + FRAME.original]
        mov rcx, cr2
        mov rsp, [gs:Cpu.kernelStackTop]
        call kernel_fault
        jmp leave_kernel

.interrupt:
        mov rsp, [gs:Cpu.kernelStackTop]
        call kernel_interrupt
        jmp leave_kernel

.from_kernel:
        cmp edi, FIRST_INTERRUPT
        jae .interrupt                  ; interrupts are on in ring 0 only while idle, whose frame nobody needs
panic:
        mov rdi, rsp
        xor ebp, ebp                    ; the backtrace follows the frame, not this stack
        call kernel_exception
        ud2

; NMI, double fault, machine check: the GS base tells whose it is by its sign. They do not return.
emergency:
        PUSH_REST
        mov ecx, GS_BASE
        rdmsr
        test edx, edx
        js panic
        swapgs
        jmp panic
