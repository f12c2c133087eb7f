! A large-eddy simulation of one's own with a closure that marl has trained
!
!   marl export RUN --fortran closure.f90
!   gfortran -O2 closure.f90 les.f90 -o les
!   ./les STEPS DT DRAG WAVENUMBER AMPLITUDE INITIAL.raw LATER.raw
!
! The files have the vorticity (grid, grid), x the first index, in doubles. The equation is that of
! closure.f90, without beta, forced by AMPLITUDE WAVENUMBER (cos + cos). Adams-Bashforth of second order,
! linear terms exact, products on a grid 3/2 finer: the scheme of `marl simulate`.
module les_flow
  use, intrinsic :: iso_fortran_env, only: real64
  use closure
  implicit none
  integer, parameter :: n = closure_grid, m = 3*n/2, last = n - 1
  real(real64), parameter :: two_pi = 6.283185307179586476925286766559_real64
  real(real64), parameter :: rim_width = 1.0_real64 ! wavenumbers over which the damping of the rim falls by e
  type(closure_flow) :: flow
contains
  pure integer function index_of(j)
    integer, intent(in) :: j
    index_of = merge(j, j - n, j < n/2)
  end function

  pure real(real64) function wave(j)
    integer, intent(in) :: j
    wave = two_pi/flow%length*index_of(j)
  end function

  pure logical function is_kept(i, j)
    integer, intent(in) :: i, j
    is_kept = abs(index_of(i)) < closure_kept .and. abs(index_of(j)) < closure_kept .and. i + j > 0
  end function

  ! What coefficient c of one damps mode (i, j) with: E of the edge (power 0), R of the rim (-1), or a power of k^2
  pure real(real64) function damping(c, i, j)
    integer, intent(in) :: c, i, j
    if (closure_power(c) < 0) then
      damping = exp((abs(index_of(i)) - closure_kept)/rim_width) + exp((abs(index_of(j)) - closure_kept)/rim_width)
    else if (closure_power(c) == 0) then
      damping = (abs(index_of(i))/real(closure_kept, real64))**24 &
        + (abs(index_of(j))/real(closure_kept, real64))**24
    else
      damping = (wave(i)**2 + wave(j)**2)**closure_power(c)
    end if
  end function

  ! PI_hat of a stress: tau_11 - tau_22 and tau_12 of mode (i, j)
  pure complex(real64) function curl_div(i, j, difference, tau_12)
    integer, intent(in) :: i, j
    complex(real64), intent(in) :: difference, tau_12
    curl_div = wave(i)*wave(j)*difference + (wave(j)**2 - wave(i)**2)*tau_12
  end function

  subroutine advection(w_hat, out)
    complex(real64), intent(in) :: w_hat(0:last, 0:last)
    complex(real64), intent(out) :: out(0:last, 0:last)
    complex(real64), save :: u(0:m - 1, 0:m - 1), v(0:m - 1, 0:m - 1)
    real(real64), save :: x(0:m - 1, 0:m - 1), y(0:m - 1, 0:m - 1)
    complex(real64) :: psi
    integer :: i, j, p, q
    u = 0
    v = 0
    do j = 0, last
      do i = 0, last
        if (.not. is_kept(i, j)) cycle
        p = modulo(index_of(i), m)
        q = modulo(index_of(j), m)
        psi = w_hat(i, j)/(wave(i)**2 + wave(j)**2)
        u(p, q) = cmplx(0, wave(j), real64)*psi
        v(p, q) = cmplx(0, -wave(i), real64)*psi
      end do
    end do
    call closure_transform(m, 1, u)
    call closure_transform(m, 1, v)
    x = real(u, real64)
    y = real(v, real64)
    u = (x**2 - y**2)/(m*m)
    v = x*y/(m*m)
    call closure_transform(m, -1, u)
    call closure_transform(m, -1, v)
    do j = 0, last
      do i = 0, last
        p = modulo(index_of(i), m)
        q = modulo(index_of(j), m)
        out(i, j) = curl_div(i, j, u(p, q), v(p, q))
      end do
    end do
  end subroutine

  ! Adds PI_hat of coefficients whose mean is taken away: tau = -2 nu L S on the points of the grid
  subroutine add_stress(w_hat, c, rest, out)
    complex(real64), intent(in) :: w_hat(0:last, 0:last)
    integer, intent(in) :: c
    real(real64), intent(in) :: rest(0:last, 0:last)
    complex(real64), intent(inout) :: out(0:last, 0:last)
    complex(real64), save :: s11(0:last, 0:last), s12(0:last, 0:last)
    complex(real64) :: psi
    integer :: i, j
    s11 = 0
    s12 = 0
    do j = 0, last
      do i = 0, last
        if (.not. is_kept(i, j)) cycle
        psi = damping(c, i, j)/(wave(i)**2 + wave(j)**2)**2*w_hat(i, j)
        s11(i, j) = -wave(i)*wave(j)*psi
        s12(i, j) = 0.5_real64*(wave(i)**2 - wave(j)**2)*psi
      end do
    end do
    call closure_transform(n, 1, s11)
    call closure_transform(n, 1, s12)
    s11 = -4*rest*real(s11, real64)/(n*n)
    s12 = -2*rest*real(s12, real64)/(n*n)
    call closure_transform(n, -1, s11)
    call closure_transform(n, -1, s12)
    do j = 0, last
      do i = 0, last
        out(i, j) = out(i, j) + curl_div(i, j, s11(i, j), s12(i, j))
      end do
    end do
  end subroutine
end module

program les
  use les_flow
  implicit none
  real(real64), save :: w(0:last, 0:last), nu(0:last, 0:last, closure_num_coefficients)
  complex(real64), save :: w_hat(0:last, 0:last), now(0:last, 0:last), old(0:last, 0:last)
  real(real64) :: mean(closure_num_coefficients), dt, drag, amplitude, rate, decay, force
  complex(real64) :: extrapolated
  character(len=1024) :: word(7)
  integer :: steps, waves, step, c, i, j, unit
  if (command_argument_count() /= 7) error stop "les STEPS DT DRAG WAVENUMBER AMPLITUDE INITIAL LATER"
  do i = 1, 7
    call get_command_argument(i, word(i))
  end do
  read (word(1), *) steps
  read (word(2), *) dt
  read (word(3), *) drag
  read (word(4), *) waves
  if (waves < 1 .or. waves >= n/2) error stop 'the wavenumber of the forcing is not on the grid'
  read (word(5), *) amplitude
  open (newunit=unit, file=word(6), access="stream", form="unformatted", status="old")
  read (unit) w
  close (unit)
  w_hat = w/(n*n)
  call closure_transform(n, -1, w_hat)
  do step = 0, steps - 1
    if (mod(step, closure_interval) == 0) then ! the closure acts
      call closure_coefficients(flow, w, nu)
      do c = 1, closure_num_coefficients
        mean(c) = sum(nu(:, :, c))/(n*n)
        nu(:, :, c) = nu(:, :, c) - mean(c)
      end do
    end if
    call advection(w_hat, now)
    force = 0.5_real64*amplitude*wave(1)*waves ! half for each of +-k
    now(waves, 0) = now(waves, 0) + force
    now(n - waves, 0) = now(n - waves, 0) + force
    now(0, waves) = now(0, waves) + force
    now(0, n - waves) = now(0, n - waves) + force
    do c = 1, closure_num_coefficients
      call add_stress(w_hat, c, nu(:, :, c), now)
    end do
    if (step == 0) old = now
    do j = 0, last
      do i = 0, last
        if (.not. is_kept(i, j)) then
          w_hat(i, j) = 0
          cycle
        end if
        rate = drag + flow%viscosity*(wave(i)**2 + wave(j)**2)
        do c = 1, closure_num_coefficients
          rate = rate + mean(c)*damping(c, i, j)
        end do
        decay = exp(-0.5_real64*rate*dt)
        extrapolated = 1.5_real64*now(i, j) - 0.5_real64*old(i, j)
        w_hat(i, j) = decay*(decay*w_hat(i, j) - dt*extrapolated)
      end do
    end do
    old = now
    now = w_hat
    call closure_transform(n, 1, now)
    w = real(now, real64)
  end do
  open (newunit=unit, file=word(7), access="stream", form="unformatted", status="replace")
  write (unit) w
  close (unit)
end program
